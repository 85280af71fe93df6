"""The built wheel, installed alone in an empty folder, carries all it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.ci
@pytest.mark.timeout(600)
def test_the_wheel_alone_crawls_the_sample_portal(tmp_path: Path) -> None:
    built = run("-m", "build", "--wheel", "--outdir", str(tmp_path / "dist"), str(ROOT), cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    place = tmp_path / "place"
    installed = run(
        "-m", "pip", "install", "-q", "--no-deps", "--target", str(place), str(wheel), cwd=tmp_path
    )
    assert installed.returncode == 0, installed.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    where = run("-c", "import crawler; print(crawler.__file__)", cwd=empty, PYTHONPATH=str(place))
    assert where.stdout.startswith(str(place)), "the wheel, not the checkout"
    crawled = run("-m", "crawler.cli", "run", "--site", "demo", cwd=empty, PYTHONPATH=str(place))
    assert crawled.returncode == 0, crawled.stderr
    assert "complete" in crawled.stdout
    listed = run("-m", "crawler.cli", "sites", "dongli", cwd=empty, PYTHONPATH=str(place))
    assert "天津市东丽区" in listed.stdout
    shown = run("-m", "archive.cli", "stats", cwd=empty, PYTHONPATH=str(place))
    assert shown.returncode == 0, shown.stderr
