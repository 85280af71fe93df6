"""``archive export`` and ``archive export-check`` as a person runs them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from archive import cli
from tests.archive import exports


@pytest.fixture
def archive(
    exported_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in an empty folder: exit code, output, complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCHIVE_URL", str(exported_file))
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    monkeypatch.setattr(os, "sync", lambda: None)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(arguments)
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_an_export_and_its_check(archive: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, said, _ = archive(
        "export", "out", "--format", "csv", "--contents", "reports,changes", "--verify", "--bom"
    )
    assert code == 0 and said.startswith("out: 7 reports, 2 files, ")
    assert archive("export-check", "out")[:2] == (0, "out: whole (2 files compared)\n")
    code, said, _ = archive("export", "--wacz", "a.wacz", "--json", "--site", "qinghe")
    assert code == 0 and json.loads(said)["files"][0]["path"] == "a.wacz"
    code, said, _ = archive("export-check", "a.wacz", "--json")
    assert code == 0 and json.loads(said)["problems"] == [] and json.loads(said)["records"] > 20
    text = tmp_path / "out" / "reports.csv"
    text.write_bytes(text.read_bytes().replace(b"7", b"8", 1))
    code, said, _ = archive("export-check", "out")
    assert code == 1 and said == "reports.csv: differs from its digest\n"
    text.unlink()
    assert archive("export-check", "out")[:2] == (1, "reports.csv: No such file or directory\n")


def test_a_text_that_was_changed_is_found(
    archive: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    assert archive("export", "out", "--format", "text")[0] == 0
    code, said, _ = archive("export-check", "out")
    assert code == 0 and "8 files compared" in said
    changed = next((tmp_path / "out").rglob("*.txt"))
    changed.write_text("another text")
    code, said, _ = archive("export-check", "out")
    assert code == 1 and changed.name in said


WRONG = [
    (["export"], "say one thing to write"),
    (["export", "out"], "say one thing to write"),
    (["export", "--format", "csv"], "say one thing to write"),
    (["export", "out", "--format", "csv", "--warc", "a.warc.gz"], "say one thing to write"),
    (["export", "--warc", "a.warc"], "ends in .warc.gz"),
    (["export", "--warc", "a.warc.gz", "--bom"], "go with --format"),
    (
        ["export", "out", "--format", "csv", "--contents", "reports,payload"],
        "--contents knows no payload; tables: reports",
    ),
    (["export", "out", "--format", "csv", "--site", "nowhere"], "no portal 'nowhere'"),
    (["export", "out", "--format", "csv", "--since", "\x1b[31m"], "neither a change number"),
    (["export", "out", "--format", "xlsx"], "xlsx"),
    (["export-check", "nothing.csv"], "is no export"),
    (["export-check", "nothing.wacz"], "cannot be read: No such file"),
    (["export-check", "."], "is no manifest"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=range(len(WRONG)))
def test_wrong_usage_is_one_line(
    archive: Callable[..., tuple[int, str, str]], tmp_path: Path, arguments: list[str], words: str
) -> None:
    code, said, complaint = archive(*arguments)
    assert (code, said) == (2, "")
    assert words in complaint and complaint.count("\n") == 1 and "\x1b" not in complaint
    assert list(tmp_path.iterdir()) == []


def test_a_withdrawn_text_is_told(
    archive: Callable[..., tuple[int, str, str]],
    exported_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import shutil

    from archive.database import open_archive

    copy = tmp_path / "copy.db"
    shutil.copy(exported_file, copy)
    engine = open_archive(str(copy))
    ((digest,),) = exports.rows(engine, "SELECT text_sha256 FROM version WHERE number = 2")
    exports.hide(engine, "text", digest)
    engine.dispose()
    monkeypatch.setenv("ARCHIVE_URL", str(copy))
    code, _, told = archive("export", "out", "--format", "jsonl")
    assert code == 0 and told == "archive: 1 withdrawn texts and payloads of the archive are left out\n"
