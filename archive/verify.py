"""``archive verify``: is everything still as it was written, and does everything belong together?

The work is cut into tasks, each one statement or one piece of a table, done by several processes. A
task that stumbles over a damaged page is a finding and stops no other. Nothing is written, and a crawl
may go on: bytes and texts never change, and every rule is one statement, so it sees one moment.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, ProcessPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine

from archive import (
    schema,
    verify_against,
    verify_content,
    verify_file,
    verify_offsets,
    verify_relations,
    verify_rows,
)
from archive.database import open_archive, place, reading
from archive.errors import ArchiveError, DatabaseUnusable
from archive.manifest import Progress, silent
from archive.verify_content import Checked
from archive.verify_findings import Finding, Problem, Sort, findings, unnamed

MOST_FINDINGS = 10_000
"""Findings kept; of an archive that is broken everywhere the rest is only counted."""

ALONE = 32
"""With fewer pieces of bytes and texts than this no further process is worth its start (0.6 s)."""

_AHEAD = 4
"""Pieces given to each further process in advance."""


@dataclass(slots=True, kw_only=True)
class Verified:
    """What a verification looked at and found."""

    place: str
    quick: bool
    payloads: int = 0
    payload_bytes: int = 0
    """Bytes as they were received, unpacked."""
    texts: int = 0
    text_bytes: int = 0
    readings: int = 0
    """Readings whose sections and figures were looked at."""
    redacted: int = 0
    """Payloads and texts that were withdrawn."""
    last_change: int = 0
    findings: list[Finding] = field(default_factory=list)
    """The first ``MOST_FINDINGS``."""
    damage: int = 0
    """How many findings are damage, those not kept included."""
    notices: int = 0
    """How many are odd, but lose nothing."""

    @property
    def sound(self) -> bool:
        """True if nothing is damaged."""
        return not self.damage

    def add(self, found: Finding) -> None:
        """Counts a finding in."""
        if found.damage:
            self.damage += 1
        else:
            self.notices += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(found)


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    argument: Any = None
    then: _Task | None = None
    """A task for the same process, which may use the texts that this one has read."""


def verify(
    engine: Engine,
    *,
    quick: bool = False,
    jobs: int | None = None,
    against: Path | None = None,
    progress: Progress = silent,
) -> Verified:
    """Verifies an archive.

    Args:
        engine: an open archive.
        quick: leave out what reads every byte: digests, offsets, the contents of SQLite's indexes.
        jobs: processes; default: as many as there are processors.
        against: a backup; what is never changed must be in the archive as it is there.
        progress: told about bytes (payloads and texts) and rows.

    Raises:
        DatabaseUnusable: the server cannot be reached, or ``against`` is no backup. Damage of the
            archive itself is a finding, not an error.
        ArchiveError: one of the processes was killed, or a table was rewritten meanwhile.
    """
    verified = Verified(place=place(engine), quick=quick)
    tasks, problems = _plan(engine, quick=quick, against=against)
    for task, checked in _done(engine, tasks, 1 if quick else jobs or os.cpu_count() or 1):
        _count(verified, task, checked, progress)
        problems += checked.problems
        if len(problems) >= MOST_FINDINGS:
            problems = _name(engine, verified, problems)
    _name(engine, verified, problems)
    return verified


def too_damaged(where: str, error: Exception) -> Verified:
    """The verification of an archive that cannot even be opened."""
    verified = Verified(place=where, quick=False)
    verified.add(unnamed(Problem(sort=Sort.FILE, what=str(error))))
    return verified


def _plan(engine: Engine, *, quick: bool, against: Path | None) -> tuple[list[_Task], list[Problem]]:
    """All tasks, the longest that cannot be divided first."""
    tasks = [_Task("pages", quick)]
    trouble: list[Problem] = []
    if not quick:
        tasks += _pieces(engine, "content", partial(verify_content.chunks, schema.payload), trouble)
        texts = _pieces(engine, "content", partial(verify_content.chunks, schema.text_), trouble)
        spans = _pieces(engine, "offsets", partial(verify_offsets.spans, least=len(texts)), trouble)
        tasks += _paired(texts, spans)
        tasks += [_Task("readable", table.name) for table in verify_file.tables()]
        tasks.append(_Task("made"))
    tasks += [_Task("values", table.name) for table in schema.metadata.sorted_tables]
    tasks += [_Task("rule", number) for number in range(len(verify_relations.RULES))]
    tasks += [_Task("references"), _Task("orphans"), _Task("sequence"), _Task("facts")]
    if against is not None:
        tasks += _pieces(engine, "against", lambda c: verify_against.comparisons(c, against), trouble)
    return tasks, trouble


def _pieces(
    engine: Engine, name: str, cut: Callable[[Connection], Iterable[Any]], trouble: list[Problem]
) -> list[_Task]:
    found: list[_Task] = []

    def collect(connection: Connection, _argument: object, _checked: Checked) -> Iterable[Problem]:
        found.extend(_Task(name, piece) for piece in cut(connection))
        return ()

    trouble += _guarded(engine, _Task(name), collect).problems
    return found


def _paired(texts: list[_Task], spans: list[_Task]) -> list[_Task]:
    """Texts and the readings made of them were written at about the same time: most pairs read each text once."""
    followed: dict[int, _Task] = {}
    alone = []
    for number, span in enumerate(spans):
        place = number * len(texts) // len(spans)
        if place in followed or place >= len(texts):
            alone.append(span)
        else:
            followed[place] = span
    return [replace(text, then=followed.get(place)) for place, text in enumerate(texts)] + alone


def _done(engine: Engine, tasks: list[_Task], jobs: int) -> Iterator[tuple[_Task, Checked]]:
    """Does the tasks, with other processes if they are worth their start.

    The others begin with what cannot be divided, this one with the pieces.
    """
    pieces = deque(task for task in tasks if task.name in _PIECES)
    if jobs == 1 or len(pieces) < ALONE:
        for task in tasks:
            yield from _work_off(engine, task)
        return
    address = engine.url.render_as_string(hide_password=False)
    try:
        # spawn: a forked process would share this one's connections.
        with ProcessPoolExecutor(jobs - 1, get_context("spawn"), _open, (address,)) as pool:
            try:
                waiting = {pool.submit(_work, task) for task in tasks if task.name not in _PIECES}
                while pieces or waiting:
                    while pieces and len(waiting) < (jobs - 1) * _AHEAD:
                        waiting.add(pool.submit(_work, pieces.popleft()))
                    mine = pieces.popleft() if pieces else None
                    if mine is not None:
                        yield from _work_off(engine, mine)
                    done = wait(waiting, None if mine is None else 0, FIRST_COMPLETED).done
                    waiting -= done
                    for future in done:
                        yield from future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    except BrokenExecutor as error:
        raise ArchiveError(
            "a process of the verification was killed (out of memory?); run again with --jobs 1"
        ) from error


_PIECES = frozenset({"content", "offsets"})


_engines: list[Engine] = []


def _open(address: str) -> None:
    _engines.append(open_archive(address, create=False, read_only=True))


_Results = list[tuple[_Task, Checked]]


def _work(task: _Task) -> _Results:
    return _work_off(_engines[0], task)


def _work_off(engine: Engine, task: _Task) -> _Results:
    """Does a task and those that are to follow it."""
    found: _Results = []
    words: dict[str, str] = {}
    step: _Task | None = task
    while step is not None:
        checked = _guarded(engine, step, words=words)
        words, checked.words = checked.words, {}
        found.append((step, checked))
        step = step.then
    return found


_Step = Callable[[Connection, Any, Checked], Iterable[Problem]]


def _content(connection: Connection, piece: verify_content.Chunk, checked: Checked) -> Iterable[Problem]:
    return verify_content.check(connection, piece, checked)


def _offsets(connection: Connection, span: tuple[int, int], checked: Checked) -> Iterable[Problem]:
    return verify_offsets.check(connection, span, checked)


def _facts(connection: Connection, _argument: object, checked: Checked) -> Iterable[Problem]:
    count = sa.select(sa.func.count()).select_from(schema.redaction)
    checked.rows = connection.execute(count).scalar_one()
    checked.size = connection.execute(sa.select(sa.func.max(schema.change.c.seq))).scalar() or 0
    return verify_relations.facts(connection)


_TABLES = schema.metadata.tables
_STEPS: dict[str, _Step] = {
    "content": _content,
    "offsets": _offsets,
    "facts": _facts,
    "pages": lambda connection, quick, _: verify_file.pages(connection, quick=quick),
    "made": lambda connection, _argument, _: verify_file.made(connection),
    "readable": lambda connection, name, _: verify_rows.readable(connection, _TABLES[name]),
    "values": lambda connection, name, _: verify_rows.values(connection, _TABLES[name]),
    "rule": lambda connection, number, _: verify_relations.broken(connection, verify_relations.RULES[number]),
    "references": lambda connection, _argument, _: verify_rows.references(connection),
    "orphans": lambda connection, _argument, _: verify_relations.orphans(connection),
    "sequence": lambda connection, _argument, _: verify_relations.sequence(connection),
    "against": lambda connection, wanted, _: verify_against.compare(connection, wanted),
}


def _guarded(
    engine: Engine, task: _Task, step: _Step | None = None, words: dict[str, str] | None = None
) -> Checked:
    """Does one task; what the database or a value refuses is told, and what was found before is kept."""
    checked = Checked(words=words or {})
    try:
        with reading(engine) as connection:
            try:
                for problem in (step or _STEPS[task.name])(connection, task.argument, checked):
                    checked.problems.append(problem)
            except exc.DBAPIError as error:
                if not _tells_of_damage(engine, error):
                    raise
                checked.problems.append(_stumbled(task, " ".join(str(error.orig).split())))
            except (ValueError, TypeError, KeyError) as error:  # a value that its column's type cannot be
                checked.problems.append(_stumbled(task, f"{type(error).__name__}: {error}"))
    except DatabaseUnusable as error:
        if not (engine.dialect.name == "sqlite" and _tells_of_damage(engine, error.__cause__)):
            raise
        checked.problems.append(_stumbled(task, str(error)))
    return checked


def _tells_of_damage(engine: Engine, error: BaseException | None) -> bool:
    """False where the surroundings failed (server gone, file locked), not the archive."""
    if not isinstance(error, exc.DBAPIError):
        return False
    if engine.dialect.name == "sqlite":
        return "locked" not in str(error.orig)
    return not (isinstance(error, exc.OperationalError | exc.InterfaceError) or error.connection_invalidated)


_LOOKED = {
    "pages": "the pages of the file",
    "made": "the tables and views",
    "references": "the references",
    "orphans": "orphans",
    "sequence": "the change sequence",
    "facts": "what the archive says of itself",
    "offsets": "sections and figures",
}


def _stumbled(task: _Task, said: str) -> Problem:
    table: str | None
    if task.name == "rule":
        rule = verify_relations.RULES[task.argument]
        what, table = f"whether a row of {rule.table.name} {rule.what}", rule.table.name
    elif task.name in {"readable", "values"}:
        what, table = f"table {task.argument}", str(task.argument)
    elif task.name == "against":
        table = getattr(task.argument, "table", None)
        what = f"table {table} against the backup"
    else:
        what, table = _LOOKED.get(task.name, f"table {getattr(task.argument, 'table', '')}"), None
    return Problem(sort=Sort.UNREADABLE, what=f"{what} cannot be looked at ({said[:200]})", table=table)


def _count(verified: Verified, task: _Task, checked: Checked, progress: Progress) -> None:
    if task.name == "content":
        if task.argument.table == "payload":
            verified.payloads += checked.rows
            verified.payload_bytes += checked.size
        else:
            verified.texts += checked.rows
            verified.text_bytes += checked.size
        progress("bytes", checked.size)
    elif task.name == "offsets":
        verified.readings += checked.rows
    elif task.name == "facts":
        verified.redacted, verified.last_change = checked.rows, checked.size
    progress(task.name, 0)


def _name(engine: Engine, verified: Verified, problems: list[Problem]) -> list[Problem]:
    """Looks up the reports and addresses of what was found; what was named at once is not named twice."""
    distinct = list(dict.fromkeys(problems))
    if distinct:
        try:
            with reading(engine) as connection:
                for found in findings(connection, distinct):
                    verified.add(found)
        except DatabaseUnusable as error:
            if not _tells_of_damage(engine, error.__cause__):
                raise
            for problem in distinct:
                verified.add(unnamed(problem))
    return []
