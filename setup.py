"""Compiles Luau's grammar. All else about the package is in pyproject.toml."""

import sysconfig

from setuptools import Extension, setup

GRAMMAR = "scorers/luau_scorers/grammar"
# One build serves every Python from 3.10 on, but for those without the global lock, which have no stable interface.
STABLE = not sysconfig.get_config_var("Py_GIL_DISABLED")

setup(
    ext_modules=[
        Extension(
            "luau_scorers.grammar._binding",
            sources=[f"{GRAMMAR}/binding.c", f"{GRAMMAR}/src/parser.c", f"{GRAMMAR}/src/scanner.c"],
            include_dirs=[f"{GRAMMAR}/src"],
            define_macros=[("Py_LIMITED_API", "0x030A0000")] if STABLE else [],
            py_limited_api=STABLE,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp310"}} if STABLE else {},
)
