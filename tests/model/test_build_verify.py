"""Verification tells a faithful build from one that is damaged or merged otherwise."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from luau_lsp_ai.cli import cli
from luau_model.build import examples, parity
from luau_model.build.integrity import check_file
from luau_model.build.parity import Row, VerifyOptions
from luau_model.build.pipeline import BuildOptions, build
from luau_scorers.score import score
from PIL import Image


@pytest.fixture(scope="module")
def built(mistral: Path, lora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds of the same adapter: merged into the original weights and into NF4, whole and in four bits."""
    folder = tmp_path_factory.mktemp("built")
    build(BuildOptions(str(mistral), folder / "F16.gguf", str(lora), "F16"))
    build(BuildOptions(str(mistral), folder / "F16-nf4.gguf", str(lora), "F16", "nf4"))
    build(BuildOptions(str(mistral), folder / "Q4_K_M.gguf", str(lora), "Q4_K_M"))
    build(BuildOptions(str(mistral), folder / "base.gguf", quant="F16"))
    return folder


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "one.luau").write_text("-- say hello\nprint('hello')\nlocal function add(a, b)\n\treturn a + b\nend\n")
    (folder / "two.luau").write_text("--[[ spin the\npart ]]\nlocal part = script.Parent\npart.CFrame *= turn\n")
    return folder


@pytest.fixture(scope="module")
def rows(built: Path, mistral: Path, lora: Path, texts: Path) -> dict[tuple[str, str], Row]:
    files = tuple(built / name for name in ("F16.gguf", "F16-nf4.gguf", "Q4_K_M.gguf", "base.gguf"))
    found = parity.compare(VerifyOptions(files, str(mistral), str(lora), texts, tokens=8))
    return {(row.file.removesuffix(".gguf"), row.reference): row for row in found}


def test_a_merge_answers_as_the_adapter_on_its_base(rows: dict[tuple[str, str], Row]) -> None:
    row = rows["F16", "original"]
    assert row.tokens_equal
    assert row.top1 > 0.95
    assert row.kl < 1e-4
    assert row.perplexity == pytest.approx(row.reference_perplexity, rel=1e-2)
    assert row.score == pytest.approx(row.reference_score, abs=0.2)


def test_each_merge_base_is_nearest_to_its_own_reference(rows: dict[tuple[str, str], Row]) -> None:
    assert rows["F16", "original"].kl < 0.1 * rows["F16", "nf4"].kl
    assert rows["F16-nf4", "nf4"].kl < 0.1 * rows["F16-nf4", "original"].kl


def test_four_bits_cost_something_and_a_missing_adapter_costs_more(rows: dict[tuple[str, str], Row]) -> None:
    assert rows["F16", "original"].kl < rows["Q4_K_M", "original"].kl < rows["base", "original"].kl


def test_a_file_is_unsound_where_it_is_far_from_every_reference_or_has_other_tokens() -> None:
    def row(file: str, reference: str, kl: float, tokens_equal: bool = True) -> Row:
        return Row(file, reference, 0.9, kl, 2.0, 2.0, tokens_equal, 1.0, 1.0)

    near = [row("near.gguf", "original", 0.01), row("near.gguf", "nf4", 3.0)]
    far = [row("far.gguf", "original", 2.0), row("far.gguf", "nf4", 3.0)]
    nothing = [row("nan.gguf", "original", float("nan"))]
    other = [row("other.gguf", "original", 0.01, tokens_equal=False)]
    assert [sentence.split()[0] for sentence in parity.unsound(near + far + nothing + other)] == [
        "far.gguf",
        "nan.gguf",
        "other.gguf",
    ]


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["model", "verify", *map(str, arguments)])


def test_the_report_has_a_table_and_a_picture(
    built: Path, mistral: Path, lora: Path, texts: Path, tmp_path: Path
) -> None:
    files = [built / "F16.gguf", built / "Q4_K_M.gguf"]
    arguments = ["--base", mistral, "--adapter", lora, "--texts", texts, "--tokens", 0, "--report", tmp_path / "r"]
    done = verify(*files, *arguments)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "r" / "report.md").read_text()
    assert page.count("\n| F16.gguf |") == page.count("\n| Q4_K_M.gguf |") == 2
    assert "Nearest to `original`: F16.gguf" in page
    with Image.open(tmp_path / "r" / "report.png") as picture:
        assert picture.width > 1000
    assert "--force" in verify(*files, *arguments).output


def test_a_whole_file_is_whole(built: Path) -> None:
    digest = hashlib.sha256((built / "F16.gguf").read_bytes()).hexdigest()
    done = verify(built / "F16.gguf", "--sha256", digest)
    assert done.exit_code == 0, done.output
    assert "as they were built" in done.output
    assert digest in done.output
    assert verify(built / "F16.gguf", "--sha256", "0" * 64).exit_code == 1


@pytest.mark.parametrize("place", [-1, -5000, -100_000])
def test_one_changed_bit_among_the_weights_is_seen(place: int, built: Path, tmp_path: Path) -> None:
    data = bytearray((built / "Q4_K_M.gguf").read_bytes())
    data[place] ^= 1
    (tmp_path / "m.gguf").write_bytes(data)
    done = verify(tmp_path / "m.gguf")
    assert done.exit_code == 1
    assert "have changed since it was built. Build it again." in done.output


@pytest.mark.parametrize("part", [0, 4, 24, 3000, 20_000, -1, -200_000])
def test_a_file_that_is_cut_off_is_refused(part: int, built: Path, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes((built / "Q4_K_M.gguf").read_bytes()[:part])
    (refused,) = [check for check in check_file(tmp_path / "m.gguf") if check.verdict == "refused"]
    assert "again" in refused.said


@pytest.mark.parametrize("data", [b"<!DOCTYPE html>", b"PK\x03\x04" + bytes(1000), b"GGUF" + b"\xff" * 5000])
def test_what_is_no_gguf_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(data)
    assert "is no whole GGUF file" in verify(tmp_path / "m.gguf").output


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    done = verify(tmp_path / "none.gguf")
    assert done.exit_code == 1
    assert "There is no model file" in done.output


def test_models_of_the_catalog_go_by_their_names() -> None:
    done = verify("luau-mini")
    assert done.exit_code == 0, done.output
    assert "luau-mini" in done.output


def test_a_comparison_with_a_broken_text_folder_is_refused(built: Path, mistral: Path, tmp_path: Path) -> None:
    assert "has no .luau files" in verify(built / "F16.gguf", "--base", mistral, "--texts", tmp_path).output
    (tmp_path / "a.luau").write_text("print(1)")
    assert "does not begin with a comment" in verify(built / "F16.gguf", "--base", mistral, "--texts", tmp_path).output


def test_options_that_make_no_sense_are_refused(built: Path, lora: Path, tmp_path: Path) -> None:
    assert "--adapter needs --base" in verify(built / "F16.gguf", "--adapter", lora).output
    assert "--report needs --base" in verify(built / "F16.gguf", "--report", tmp_path).output


def test_a_file_from_elsewhere_needs_a_checksum_from_there(tiny: Path, tmp_path: Path) -> None:
    shutil.copy(tiny, tmp_path / "m.gguf")
    done = verify(tmp_path / "m.gguf")
    assert done.exit_code == 0
    assert "--sha256" in done.output


def test_our_examples_are_scripts_without_fault() -> None:
    found = examples.load()
    assert len(found) >= 8
    for example in found:
        assert score(example.script).composite == 1, example.name
        assert len(example.request) > 30
