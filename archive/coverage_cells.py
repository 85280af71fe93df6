"""The values of ``archive coverage``: who owes a report for which year, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class CellState(StrEnum):
    """What is known of one body's report for one year.

    Three kinds of zero are different states: the site says there is none, it was not found, nobody could look.
    """

    ON_TIME = "on_time"  # stands there; its date, or the day it was seen, is before 1 April
    LATE = "late"  # stands there; its date is 1 April or later
    UNDATED = "undated"  # stands there; no date tells whether it was on time
    JOINT = "joint"  # stands there in a report that another body leads
    WITHDRAWN = "withdrawn"  # was there; gone, and no column lists it any more
    GONE = "gone"  # was there; its address says 404 or 410
    QUARANTINED = "quarantined"  # a reading of it is held back: nobody has decided whether to trust it
    DOUBTFUL = "doubtful"  # something that may be it: unsure document, uncertain or unknown year
    SAYS_NONE = "says_none"  # after the deadline all that the site lists was read, and it is not there
    NOT_FOUND = "not_found"  # looked for, not everywhere or not since the deadline, and not found
    BLOCKED = "blocked"  # the portal refuses us or does not answer
    NEVER_TRIED = "never_tried"
    NOT_DUE = "not_due"  # the deadline is not over, and nothing is there yet


STANDING = frozenset({CellState.ON_TIME, CellState.LATE, CellState.UNDATED, CellState.JOINT})
"""A report stands where it was found."""
LOST = frozenset({CellState.WITHDRAWN, CellState.GONE})
UNDECIDED = frozenset({CellState.QUARANTINED, CellState.DOUBTFUL})
EMPTY = frozenset({CellState.SAYS_NONE, CellState.NOT_FOUND, CellState.BLOCKED, CellState.NEVER_TRIED})
MISSING = LOST | UNDECIDED | EMPTY
"""What is owed and does not stand there, as far as anybody knows."""


class Timeliness(StrEnum):
    """A publication against the deadline."""

    ON_TIME = "on_time"
    LATE = "late"
    UNKNOWN = "unknown"  # no date, or one that cannot be


def deadline(year: int) -> date:
    """The last day on which a report on ``year`` is on time.

    Source: 《法治政府建设与责任落实督察工作规定》 (厅字〔2019〕28号) art. 24: public before 1 April of the next year.
    """
    return date(year + 1, 3, 31)


def opening(year: int) -> date:
    """The first day on which a report on ``year`` was ever seen to appear; an earlier date was misread.

    Of 43 dated reports one and one seed are of December of the year itself, none is earlier.
    """
    return date(year, 12, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A report that is, or may be, what a cell asks for."""

    report_id: int
    kind: str
    """``annual``, ``congress`` (read to the people's congress), ``summary``."""
    title: str
    year: int | None
    published: date | None
    """As printed."""
    url: str
    """Of the document that stands for it."""
    role: str
    """``page`` or ``attachment``."""
    state: str
    """Of the report, see ``archive.states.DocumentState``: ``live`` as long as one of its documents is."""
    documents: int
    first_seen: datetime
    last_seen: datetime
    gone_since: datetime | None
    year_confidence: float | None
    timeliness: Timeliness
    position: int
    """0 for the publisher that leads; a joint report has others."""
    joint_with: tuple[str, ...] = ()
    """Names of the other publishers, in printed order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One body and year, with what the state rests on."""

    year: int
    state: CellState
    reason: str
    """One line for a person, with the dates and runs."""
    timeliness: Timeliness | None = None
    """Of what stands or stood there; None where nothing ever did."""
    reports: tuple[Evidence, ...] = ()
    """The one that decides first."""
    run_id: int | None = None
    """The run that a finding of nothing rests on."""
    since: datetime | None = None
    """Since when: blocked, gone, in quarantine; when the site was last seen to list none."""
    quarantine_ids: tuple[int, ...] = ()
    document_ids: tuple[int, ...] = ()
    """Unsure documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A body under one of its names, with a cell for every year it owes."""

    body: str
    code: str | None
    name: str
    level: str
    kind: str
    place: str
    valid_from: date | None
    valid_to: date | None
    dropped: datetime | None
    """When it left the seeds."""
    cells: tuple[Cell | None, ...]
    """In the order of ``Coverage.years``; None for a year it does not owe."""
    undated_year: tuple[Evidence, ...] = ()
    """Its reports of which nobody knows the year."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Cells by state."""

    by_state: Mapping[CellState, int]
    on_time: int
    """Cells published on time, joint ones included."""

    @property
    def due(self) -> int:
        """Cells whose report is owed by now, or is already there."""
        return sum(number for state, number in self.by_state.items() if state is not CellState.NOT_DUE)

    @property
    def standing(self) -> int:
        """Cells whose report stands where it was found."""
        return sum(self.by_state.get(state, 0) for state in STANDING)

    @property
    def share_on_time(self) -> float | None:
        """Of what is due; None where nothing is."""
        return self.on_time / self.due if self.due else None

    @property
    def fine(self) -> bool:
        """True if nothing is late or missing."""
        bad = self.by_state.get(CellState.LATE, 0) + sum(self.by_state.get(state, 0) for state in MISSING)
        late_joint = self.by_state.get(CellState.JOINT, 0) and self.late_joint
        return not bad and not late_joint

    late_joint: int = 0
    """Joint reports published late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A county, city or province with the bodies that lie in it and publish on its portal."""

    place: str
    name: str
    province: str
    city: str
    county: str
    portal_key: str | None
    counts: Counts
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A publisher whose report has no cell: not in the roster, or not in that year."""

    portal_key: str
    name: str
    code: str | None
    level: str | None
    why: str
    reports: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Place × year: the state of every cell that the roster has."""

    years: tuple[int, ...]
    today: date
    """In China."""
    places: tuple[Place, ...]
    counts: Counts
    strangers: tuple[Stranger, ...] = ()
    unassigned: tuple[Evidence, ...] = field(default=())
    """Reports of these portals of which nobody knows the publisher."""


def count(cells: list[Cell]) -> Counts:
    """Counts cells by state."""
    joint = [cell.timeliness for cell in cells if cell.state is CellState.JOINT]
    by_state = Counter(cell.state for cell in cells)
    return Counts(
        by_state={state: by_state[state] for state in CellState if by_state[state]},
        on_time=by_state[CellState.ON_TIME] + joint.count(Timeliness.ON_TIME),
        late_joint=joint.count(Timeliness.LATE),
    )
