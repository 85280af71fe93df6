"""From silence to alarm on a live portal: found by real crawls, told once, reminded of, its end told.

pytest -m slow -s tests/scheduler/test_live_troubles.py
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from archive.visits import VisitState
from scheduler.letters import NAMES
from tests.scheduler.live import Live, Portals, QuickClock
from tests.scheduler.live_portal import COLUMN, County, Mood
from tests.scheduler.test_storm import Mail
from tests.scheduler.test_watching import Receiver

BEGINS = datetime(2027, 4, 20, 1, 0, tzinfo=UTC)
LEAP = timedelta(hours=6)
REMIND = timedelta(days=4)
SETTINGS = """\
[pool]
tick_seconds = 0.2
lease_seconds = 10
grace_seconds = 10
[retries]
first_hours = 6
blocked_hours = 12
most_days = 2
[alarms]
remind_days = 4
sweep_minutes = 0.01
weekly = false
yearly = false
[alarms.targets]
hook = "{hook}"
office = "mailto://127.0.0.1:{mail}?from=fazhi@example.org&to=office@example.org&mode=insecure"
"""


@dataclass
class Street:
    """A live portal, and who hears of it."""

    live: Live
    county: County
    server: Portals
    mail: Mail
    hook: Receiver

    @property
    def told(self) -> list[str]:
        """Titles that the webhook got."""
        return [message["title"] for message in self.hook.got]

    @property
    def mailed(self) -> list[str]:
        """Subjects that the mail server got."""
        return [
            str(make_header(decode_header(message_from_string(text)["Subject"]))) for text in self.mail.got
        ]


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    pytest.importorskip("apprise")
    clock = QuickClock(tmp_path / "clock", BEGINS)
    county = County("linhe", "临河县", clock.now, since=2025)
    mail, hook = Mail(), Receiver()
    with Portals(county) as server:
        live = Live(tmp_path, server, clock, [county], SETTINGS.format(hook=hook.url, mail=mail.port))
        try:
            yield Street(live, county, server, mail, hook)
        finally:
            live.close()
            for receiver in (mail, hook):
                receiver.server.shutdown()
                receiver.server.server_close()


def lose(street: Street) -> None:
    """The column is taken down with all that stood in it; nothing tells where it went."""
    for path in (COLUMN, *(article.path for article in street.county.reports)):
        street.county.drop(path)


def lose_list(street: Street) -> None:
    """Only the list is taken down."""
    street.county.drop(COLUMN)


def empty(street: Street) -> None:
    """The list shows no row."""
    street.county.empty_list(COLUMN)


def refuse(street: Street) -> None:
    """An anti-bot product answers everything with its page."""
    street.county.mood = Mood.REFUSES


def go_down(street: Street) -> None:
    """Nobody listens at the portal's address."""
    street.server.refuse()


def mend(street: Street) -> None:
    """Everything is as it was."""
    for path in (COLUMN, *(article.path for article in street.county.reports)):
        street.county.mend(path)
    street.county.mood = Mood.WELL


def come_back(street: Street) -> None:
    """Somebody listens again."""
    street.server.answer()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("befall", "undo", "kind"),
    [
        (lose, mend, "column_lost"),
        (lose_list, mend, "column_lost"),
        (empty, mend, "column_lost"),
        (refuse, mend, "blocked"),
        (go_down, come_back, "unreadable"),
    ],
)
def test_what_befalls_a_portal_is_told_once_reminded_of_and_its_end_told(
    befall: Callable[[Street], None], undo: Callable[[Street], None], kind: str, street: Street
) -> None:
    live, began = street.live, time.monotonic()
    live.start()
    live.wait(lambda: live.ended("linhe", VisitState.COMPLETE))
    befall(street)
    good = live.visits()[-1].id
    what = f"{NAMES[kind]}: 某省某市临河县 (linhe)"
    titles = [f"[fazhi] opened: {what}"]
    live.until(lambda: len(street.told) == len(street.mailed) == 1, LEAP)
    assert street.told == street.mailed == titles
    visits = [visit for visit in live.visits() if visit.id > good]
    titles.append(f"[fazhi] still open: {what}")
    live.until(lambda: len(street.told) == len(street.mailed) == 2, LEAP)
    assert street.told == street.mailed == titles
    undo(street)
    titles.append(f"[fazhi] closed: {what}")
    live.until(lambda: len(street.told) == len(street.mailed) == 3, LEAP)
    over = live.clock.now() + timedelta(days=8)
    live.until(lambda: live.clock.now() > over and not live.running(), LEAP)
    live.stop()
    assert street.told == street.mailed == titles

    ((opened, reminded, closed, reminders),) = [
        tuple(datetime.fromisoformat(moment) for moment in row[:3]) + row[3:]
        for row in live.rows("SELECT opened, reminded, closed, reminders FROM incident")
    ]
    assert reminders == 1
    assert REMIND <= reminded - opened < REMIND + 2 * LEAP
    assert {trigger for (trigger,) in live.rows("SELECT DISTINCT trigger FROM run")} == {"schedule"}
    assert live.run("archive", "verify").returncode == 0
    print(
        f"\n{befall.__name__}: {kind} opened after {len(visits)} crawls "
        f"({', '.join(visit.state.value for visit in visits)}), "
        f"reminded after {reminded - opened}, closed {closed - opened} after it was opened; "
        f"3 messages in each of webhook and mail; {len(live.visits())} crawls in all, "
        f"{time.monotonic() - began:.0f} s: {street.hook.got[0]['message'].splitlines()[1]}"
    )
