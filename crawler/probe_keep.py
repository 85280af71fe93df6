"""Keeps what a probe proposes: the site file, its recording, and what a replay of it must give."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import NotKept
from crawler.probe_columns import ColumnSeen
from crawler.probe_fixture import (
    EXPECTED,
    RECORDING,
    Expected,
    Recorded,
    record,
    replayed,
    write_expected,
)
from crawler.site import load_site_file

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where things are written."""

    sites: Path
    fixtures: Path
    said: str | None = None
    """What a person should know about the choice."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was written."""

    files: tuple[Path, ...]
    recorded: Recorded
    expected: Expected
    notes: tuple[str, ...]


def places(seeds: Path | None = None, fixtures: Path | None = None, *, root: Path = _ROOT) -> Places:
    """Where a site file and its fixture belong.

    With a folder of seeds: there, the fixture in ``tests/sites`` beside that folder, as in a checkout. In a checkout:
    its own. Elsewhere (installed from a wheel) the seeds belong to the installation: the working directory.

    Args:
        seeds: As ``--seeds`` or ``FAZHI_SEEDS`` name it.
        fixtures: As ``--fixtures`` names it.
        root: What would be the checkout.
    """
    named = os.environ.get("FAZHI_SEEDS")
    chosen = seeds or (Path(named) if named else None)
    if chosen is not None:
        beside = chosen.resolve().parent / "tests" / "sites"
        return Places(sites=chosen / "sites", fixtures=fixtures or beside)
    if (root / "pyproject.toml").is_file() and (root / "seeds" / "portals.csv").is_file():
        return Places(sites=root / "seeds" / "sites", fixtures=fixtures or root / "tests" / "sites")
    here = Path()
    said = (
        "there is no checkout here, so the files are in the current folder; run them with --site ./KEY.toml"
    )
    return Places(sites=here, fixtures=fixtures or here, said=said)


def refuse_to_overwrite(key: str, where: Places, *, force: bool) -> None:
    """Says before a portal is asked anything that its file is in the way.

    Raises:
        NotKept: There is a site file, and ``--force`` was not given.
    """
    if (said := in_the_way(key, where, force=force)) is not None:
        raise NotKept(said)


def in_the_way(key: str, where: Places, *, force: bool) -> str | None:
    """Says that a site file is there already and may not be overwritten; None if nothing is in the way."""
    path = where.sites / f"{key}.toml"
    if force or not path.exists():
        return None
    return (
        f"{path} is there already: --force writes it anew (its comments are lost), --fixture only its fixture"
    )


def keep(
    key: str,
    draft: Callable[[bool], str] | Path,
    columns: tuple[ColumnSeen, ...],
    *,
    where: Places,
    day: str,
    seeds: Path,
) -> Kept:
    """Writes site file, recording and expectation; each is in place only if all could be made.

    The expectation comes from a replay with the very site file that is written. Where pinning the platform loses a
    report that was read without, it is not pinned.

    Args:
        key: Of the portal.
        draft: Gives the site file, with the platform pinned or not; or the path of the one that stays as it is.
        columns: What was found.
        where: From :func:`places`.
        day: When the portal was looked at.
        seeds: Folder of the tables.

    Raises:
        NotKept: The folder cannot be written.
        crawler.errors.BadSiteFile: The file that stays is unusable.
    """
    with tempfile.TemporaryDirectory(prefix="crawler-keep-") as folder:
        recording = Path(folder) / f"{key}{RECORDING}"
        recorded = record(columns, recording)
        expected = _replay(key, draft, Path(folder), recording, columns, seeds)
        write_expected(key, expected, day, Path(folder) / f"{key}{EXPECTED}")
        targets = {f"{key}{RECORDING}": where.fixtures, f"{key}{EXPECTED}": where.fixtures}
        if not isinstance(draft, Path):
            targets[f"{key}.toml"] = where.sites
        try:
            for name, target in targets.items():
                target.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(folder) / name, target / name)
        except OSError as error:
            raise NotKept(f"{error.filename or where.sites}: cannot be written: {error.strerror}") from error
    lost = sorted(_read(columns) - _got(expected) - set(recorded.left_out))
    notes = [f"no room in the recording: {url}" for url in recorded.left_out]
    notes += [f"read by the probe, not from the recording: {url}" for url in lost]
    files = tuple(target / name for name, target in sorted(targets.items(), reverse=True))
    return Kept(files=files, recorded=recorded, expected=expected, notes=tuple(notes))


def _replay(
    key: str,
    draft: Callable[[bool], str] | Path,
    folder: Path,
    recording: Path,
    columns: tuple[ColumnSeen, ...],
    seeds: Path,
) -> Expected:
    if isinstance(draft, Path):
        return replayed(load_site_file(draft, seeds=seeds), recording)
    file = folder / f"{key}.toml"
    best: Expected | None = None
    texts = list(dict.fromkeys((draft(True), draft(False))))
    for text in texts:
        file.write_text(text, encoding="utf-8")
        best = replayed(load_site_file(file, seeds=seeds), recording)
        if _read(columns) <= _got(best):
            break
    if best is None:
        raise AssertionError("a draft gives at least one text")
    return best


def _read(columns: tuple[ColumnSeen, ...]) -> set[str]:
    return {report.url for column in columns for report in column.reports}


def _got(expected: Expected) -> set[str]:
    return {str(report["url"]) for report in expected.reports}
