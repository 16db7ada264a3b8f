"""The README's first command works in a fresh clone. The second one is how this test was started."""

import os
import subprocess
from pathlib import Path

import pytest
from luau_scorers.score import score


@pytest.mark.skipif(not os.environ.get("CI"), reason="installs everything anew: runs where CI is set")
def test_make_demo_prints_a_script_in_a_fresh_clone(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(pytestconfig.rootpath), str(clone)], check=True)
    home = {"HOME": str(tmp_path), "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache/pip"))}

    done = subprocess.run(
        ["make", "--silent", "demo"], cwd=clone, env={**os.environ, **home}, capture_output=True, text=True, check=True
    )

    report = score(done.stdout)
    assert report.syntax == 1
    assert "leaderstats" in done.stdout
    assert "composite" in done.stderr
