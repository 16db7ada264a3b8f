"""What a build leaves on the disk: a whole file or the former one, and what is needed to go on."""

from __future__ import annotations

import hashlib
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import checkpoints
import gguf
import pytest
from luau_model.build import writing
from luau_model.build.errors import BuildError
from luau_model.build.integrity import text
from luau_model.build.pipeline import BuildOptions, build
from luau_model.build.writing import Progress
from luau_model.prompt import VERSION


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base that takes seconds to quantize."""
    folder = checkpoints.sentencepiece_tokenizer(tmp_path_factory.mktemp("large"))
    return checkpoints.base(folder, hidden_size=512, intermediate_size=1536, num_hidden_layers=6)


def command(base: Path, out: Path) -> list[str]:
    run = "from luau_lsp_ai.cli import main; main()"
    return [sys.executable, "-c", run, "model", "build", "--base", str(base), "--out", str(out)]


def test_a_build_that_was_killed_goes_on_and_gives_the_same_file(large: Path, tmp_path: Path) -> None:
    build(BuildOptions(str(large), tmp_path / "whole.gguf"))
    out = tmp_path / "killed.gguf"
    process = subprocess.Popen(command(large, out), stderr=subprocess.DEVNULL)
    count = tmp_path / ".killed.gguf.partial.count"
    while process.poll() is None and (not count.exists() or int(count.read_text() or 0) < 3):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not out.exists()
    done = subprocess.run(command(large, out), capture_output=True, text=True, check=True)
    assert "tensors from the run before" in done.stdout
    assert out.read_bytes() == (tmp_path / "whole.gguf").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed.gguf", "whole.gguf"]


def test_what_an_interrupted_build_of_something_else_left_is_not_used(mistral: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.gguf"
    with pytest.raises(KeyboardInterrupt):
        build(BuildOptions(str(mistral), out, quant="Q8_0"), stop_after(3))
    built = build(BuildOptions(str(mistral), out, quant="F16"))
    assert built.kept == 0
    build(BuildOptions(str(mistral), tmp_path / "other.gguf", quant="F16"))
    assert out.read_bytes() == (tmp_path / "other.gguf").read_bytes()


def stop_after(tensors: int) -> writing.Report:
    seen: set[str] = set()

    def report(step: Progress) -> None:
        seen.add(step.tensor)
        if len(seen) > tensors:
            raise KeyboardInterrupt

    return report


def test_progress_ends_with_all_bytes(mistral: Path, tmp_path: Path) -> None:
    steps: list[Progress] = []
    build(BuildOptions(str(mistral), tmp_path / "m.gguf"), steps.append)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total
    assert {step.tensor for step in steps[1:]} == {t.name for t in gguf.GGUFReader(tmp_path / "m.gguf").tensors}


def test_an_existing_file_is_overwritten_by_force_alone(mistral: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.gguf"
    out.write_text("former")
    with pytest.raises(BuildError, match="--force"):
        build(BuildOptions(str(mistral), out))
    assert out.read_text() == "former"
    build(BuildOptions(str(mistral), out, force=True))
    assert out.read_bytes().startswith(b"GGUF")


def test_a_full_disk_leaves_the_former_file_and_the_build_goes_on_later(mistral: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.gguf"
    out.write_text("former")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))  # no file may grow beyond that
    try:
        with pytest.raises(BuildError, match="is full, or takes no file that large"):
            build(BuildOptions(str(mistral), out, quant="F16", force=True))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert out.read_text() == "former"
    assert build(BuildOptions(str(mistral), out, quant="F16", force=True)).kept > 0
    assert out.read_bytes().startswith(b"GGUF")


def test_two_builds_of_one_file_do_not_mix(mistral: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.gguf"
    with writing.Partial(out).locked(), pytest.raises(BuildError, match="Another build is writing"):
        build(BuildOptions(str(mistral), out))


def test_the_file_says_what_it_is_and_where_it_comes_from(mistral: Path, lora: Path, tmp_path: Path) -> None:
    build(BuildOptions(str(mistral), tmp_path / "m.gguf", str(lora), "Q6_K"), about={"description": "a test"})
    reader = gguf.GGUFReader(tmp_path / "m.gguf")
    assert text(reader, "general.architecture") == "llama"
    assert text(reader, "general.license") == "apache-2.0"
    assert text(reader, "general.description") == "a test"
    assert "[INST]" in text(reader, "tokenizer.chat_template")
    assert text(reader, "luau_lsp_ai.quantization") == "Q6_K"
    assert text(reader, "luau_lsp_ai.prompt_version") == str(VERSION)
    assert text(reader, "luau_lsp_ai.merge_base") == "original"
    assert text(reader, "luau_lsp_ai.base.name") == mistral.name
    assert text(reader, "luau_lsp_ai.adapter.name") == lora.name
    for key, folder in (("base", mistral), ("adapter", lora)):
        field = reader.get_field(f"luau_lsp_ai.{key}.sha256")
        assert field is not None
        for line in field.contents():
            digest, name = line.split("  ")
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_memory_stays_small(tmp_path: Path) -> None:
    """A model of 90 million weights is built within a fraction of what its weights take in float32, 360 MB."""
    folder = checkpoints.sentencepiece_tokenizer(tmp_path / "base")
    checkpoints.base(folder, hidden_size=1024, intermediate_size=4096, num_hidden_layers=6)
    code = (
        "import sys; from pathlib import Path; from luau_lsp_ai.commands.model.build import build\n"
        "build(sys.argv[1], Path(sys.argv[2]), quant='Q8_0')\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    command = [sys.executable, "-c", code, str(folder), str(tmp_path / "m.gguf")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kilobytes = int(done.stdout.split()[-1])
    assert kilobytes < 200_000
