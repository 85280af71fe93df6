"""The contract with other programs, for programs: every view and column, recorded in contract.toml.

docs/archive.md says what each column means, ``archive.views`` how Python reads it, the migrations make
it. ``contract.toml`` is what was promised: tests hold all four equal, and a digest per version tells
when a column of a version that is out was changed. After adding a view or a column, with ``since N`` in
the docs where it is not as old as its view:

    python -m archive.contract            # while version N is not out yet: record it anew
    python -m archive.contract --raise    # the first addition after it was: the next version
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from archive.errors import ArchiveError

FILE = "contract.toml"

_SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (\w+) \| ([a-z]+)(, null)?(?:, since (\d+))? \| (.*) \|$", re.MULTILINE)
_SINCE = re.compile(r"Since\s+contract\s+version\s+(\d+)\.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a published view."""

    name: str
    type: str
    """``integer``, ``text``, ``date``, ``time``, ``number`` or ``boolean``; see docs/archive.md."""
    null: bool
    """True: it may be null; the meaning says when."""
    since: int
    """The first contract version that has it."""
    meaning: str


@dataclass(frozen=True, slots=True)
class View:
    """One published view."""

    name: str
    about: str
    """What one row is."""
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """What this version of the program promises."""

    version: int
    views: tuple[View, ...]
    digests: dict[int, str]
    """Per version a digest of its columns: names, types, nulls, order."""


def load() -> Contract:
    """The contract as recorded in this package."""
    return loads(files("archive").joinpath(FILE).read_text(encoding="utf-8"))


def loads(text: str) -> Contract:
    """The contract that a TOML text records."""
    found = tomllib.loads(text)
    return Contract(
        version=found["version"],
        views=tuple(
            View(view["name"], view["about"], tuple(Column(**column) for column in view["columns"]))
            for view in found["view"]
        ),
        digests={int(version): digest for version, digest in found["digests"].items()},
    )


def dumps(contract: Contract) -> str:
    """The same as TOML."""
    lines = [
        "# Made by `python -m archive.contract` from docs/archive.md; see archive/contract.py.",
        f"version = {contract.version}",
        "",
        "[digests]",
        *(f'{version} = "{digest}"' for version, digest in sorted(contract.digests.items())),
    ]
    for view in contract.views:
        lines += [
            "",
            "[[view]]",
            f"name = {_quoted(view.name)}",
            f"about = {_quoted(view.about)}",
            "columns = [",
        ]
        lines += [
            f"  {{ name = {_quoted(column.name)}, type = {_quoted(column.type)}, "
            f"null = {str(column.null).lower()}, since = {column.since}, meaning = {_quoted(column.meaning)} }},"
            for column in view.columns
        ]
        lines.append("]")
    return "\n".join(lines) + "\n"


def described(docs: str) -> tuple[View, ...]:
    """The views as docs/archive.md describes them: every ``###`` section with a table of columns."""
    views = []
    for name, section in _SECTION.findall(docs):
        dated = _SINCE.search(section)
        since = int(dated[1]) if dated else 1
        columns = tuple(
            Column(column, kind, bool(null), int(own or since), meaning.strip())
            for column, kind, null, own, meaning in _ROW.findall(section)
            if column != "column"
        )
        if columns:
            about = " ".join(section.split("\n|", 1)[0].split())
            views.append(View(name, about, columns))
    return tuple(views)


def digest(views: Iterable[View], version: int) -> str:
    """What a version promised: names, types, nulls and order of the columns it had, of every view."""
    columns = {
        view.name: [
            [column.name, column.type, column.null] for column in view.columns if column.since <= version
        ]
        for view in views
    }
    promised = {name: had for name, had in sorted(columns.items()) if had}
    return hashlib.sha256(json.dumps(promised).encode()).hexdigest()


def broken(contract: Contract, views: Sequence[View]) -> list[str]:
    """What differs from the contract, a line each with the next step; empty if nothing does."""
    lines = []
    for version, recorded in sorted(contract.digests.items()):
        if digest(views, version) == recorded:
            continue
        if version < contract.version:
            lines.append(
                f"a column of contract version {version} changed. A published column is never removed, renamed, "
                "moved or given another type: keep it, and add one of another name at the end"
            )
        else:
            lines.append(
                f"the columns of contract version {version} changed. If it is not out yet: "
                "`python -m archive.contract`; else raise the version: `python -m archive.contract --raise`"
            )
    lines += [
        f"{view.name}.{column.name} is since {column.since}, but the contract is of version {contract.version}"
        for view in views
        for column in view.columns
        if column.since > contract.version
    ]
    if not lines and tuple(views) != contract.views:
        lines.append(
            "docs/archive.md and contract.toml tell different meanings: `python -m archive.contract`"
        )
    return lines + [f"docs/archive.md: {line}" for line in _unsaid(views)]


def recorded(contract: Contract, views: Sequence[View], *, version: int) -> Contract:
    """The contract with these views, of this version.

    Raises:
        ArchiveError: it would break what an earlier version promised.
    """
    digests = {known: value for known, value in contract.digests.items() if known < version}
    for known, value in digests.items():
        if digest(views, known) != value:
            raise ArchiveError(
                f"not recorded: a column of contract version {known} changed; keep it as it was"
            )
    return Contract(version, tuple(views), {**digests, version: digest(views, version)})


def main(arguments: Sequence[str]) -> None:
    """Records what docs/archive.md says, as the same version or (``--raise``) as the next one."""
    folder = Path(__file__).parent
    views = described((folder.parent / "docs" / "archive.md").read_text(encoding="utf-8"))
    now = load()
    version = now.version + ("--raise" in arguments)
    contract = recorded(now, views, version=version)
    (folder / FILE).write_text(dumps(contract), encoding="utf-8")
    unsaid = "".join(f"\n  {line}" for line in broken(contract, views))
    sys.stdout.write(f"contract version {version}: {len(views)} views{unsaid}\n")


def _unsaid(views: Iterable[View]) -> list[str]:
    lines = []
    for view in views:
        for column in view.columns:
            if not column.meaning:
                lines.append(f"{view.name}.{column.name} has no meaning")
            elif column.null and not re.search(r"\bnull\b", column.meaning):
                lines.append(f"{view.name}.{column.name} may be null, but what null means is not said")
    return lines


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML forbids what JSON lets pass


if __name__ == "__main__":
    main(sys.argv[1:])
