"""The VS Code extension: its own checks, and what package.json must agree on with the server."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from luau_lsp_ai import __version__

EXTENSION = Path(__file__).resolve().parents[2] / "vscode-extension"
needs_packages = pytest.mark.skipif(
    shutil.which("npm") is None or not (EXTENSION / "node_modules").exists(),
    reason="needs the extension's packages: npm ci in vscode-extension",
)


def npm(script: str) -> str:
    done = subprocess.run(
        ["npm", "run", "--silent", script], cwd=EXTENSION, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_packages
def test_types_and_style_are_strict_and_clean() -> None:
    npm("lint")


@needs_packages
def test_unit_tests_pass() -> None:
    assert "passed" in npm("test")


@needs_packages
def test_the_package_is_small_and_has_no_native_parts() -> None:
    said = npm("package")
    package = EXTENSION / "dist/luau-lsp-ai.vsix"
    assert package.stat().st_size < 1_000_000, said
    names = zipfile.ZipFile(package).namelist()
    assert "extension/dist/extension.js" in names
    assert not [name for name in names if name.endswith((".node", ".so", ".dll", ".dylib", ".exe", ".py"))], names


def test_the_settings_are_the_servers_own() -> None:
    """One declaration feeds both: after a change, run python scripts/vscode_settings.py."""
    specification = spec_from_file_location("vscode_settings", EXTENSION.parent / "scripts/vscode_settings.py")
    assert specification
    assert specification.loader
    script = module_from_spec(specification)
    specification.loader.exec_module(script)
    text = (EXTENSION / "package.json").read_text("utf-8")
    assert text == script.written(script.with_settings(json.loads(text)))


def test_a_strangers_project_may_not_choose_program_model_or_server() -> None:
    package = json.loads((EXTENSION / "package.json").read_text("utf-8"))
    restricted = package["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert {f"luau-lsp-ai.{name}" for name in ("serverCommand", "engine", "model", "lora", "endpoint")} == set(
        restricted
    )


def test_the_versions_agree() -> None:
    """The extension's own environment is made with the server of its version."""
    assert json.loads((EXTENSION / "package.json").read_text("utf-8"))["version"] == __version__
