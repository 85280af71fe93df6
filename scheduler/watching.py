"""The watch: looks for trouble, keeps incidents, writes digests, delivers messages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from archive.clock import Clock
from archive.database import place
from archive.digest import digest
from archive.freshness import Facts, facts
from archive.incidents import Happened, IncidentStore, Letter
from archive.visits import VisitStore
from scheduler.delivery import Delivery, Send, by_apprise
from scheduler.letters import of_digest, of_incidents
from scheduler.season import CHINA, day_in_china, season_at
from scheduler.troubles import Disk, Kind, troubles

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from archive.visits import ServiceSign
    from scheduler.portals import Portals
    from scheduler.settings import Settings

log = structlog.get_logger(__name__)


class Watch:
    """Everything between the archive and people.

    Args:
        settings: Thresholds and targets.
        engine: The open archive.
        portals: Who is watched.
        clock: The time (UTC).
        send: Sends one message.
        disks: Tells how full the disks are; default: those of archive and state folder.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        portals: Portals,
        *,
        clock: Clock,
        send: Send = by_apprise,
        disks: Callable[[], list[Disk]] | None = None,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._portals = portals
        self._clock = clock
        self._disks = disks or self._real_disks
        self.incidents = IncidentStore(engine, clock)
        self._visits = VisitStore(engine, owner="", clock=clock)
        told = settings.alarms
        self.delivery = Delivery(
            self.incidents,
            told.targets,
            told.file,
            clock=clock,
            give_up=timedelta(days=told.give_up_days),
            send=send,
        )

    def before_start(self) -> datetime | None:
        """Tells of the time in which no service ran, before one shows its first sign of life; returns the last sign."""
        signs = self._visits.services(limit=5)
        self._sync(None, services=signs, kinds={Kind.SILENT})
        return max((sign.heartbeat for sign in signs), default=None)

    def sweep(self, known: Facts | None = None) -> list[Happened]:
        """Brings incidents up to date and writes the digests that are due; what is to be told goes into the outbox.

        Args:
            known: Facts read a moment ago; None: they are read.
        """
        now = self._clock()
        if known is None:
            year = season_at(day_in_china(now)).report_year
            known = facts(self._engine, report_year=year, now=now)
        signs = self._visits.services(limit=5)
        happened = self._sync(known, services=signs, kinds=set(Kind))
        for letter in self.digests(now):
            self.incidents.post(letter, self.delivery.names)
        return happened

    def deliver(self) -> int:
        """Delivers what waits."""
        return self.delivery.deliver()

    def _sync(self, known: Facts | None, *, services: list[ServiceSign], kinds: set[Kind]) -> list[Happened]:
        now = self._clock()
        found = troubles(
            self._portals,
            known or Facts(report_year=0),
            self._settings.alarms,
            now=now,
            disks=self._disks(),
            services=services,
        )
        happened = self.incidents.sync(
            [trouble for trouble in found if trouble.kind in kinds],
            kinds={kind.value for kind in kinds},
            remind=timedelta(days=self._settings.alarms.remind_days),
            compose=lambda told: of_incidents(told, name=self._name, now=now),
            targets=self.delivery.names,
            # A crawl asks for lost columns anew and has no result yet: looked at now, all would seem to be well.
            unsettled=() if known is None else known.busy,
        )
        for one in happened:
            log.warning(
                f"incident {one.what.value}",
                kind=one.incident.kind,
                portal=one.incident.portal_key,
                detail=one.incident.detail,
            )
        return happened

    def _name(self, key: str) -> str:
        portal = self._portals.by_key.get(key)
        return key if portal is None else portal.name

    def _real_disks(self) -> list[Disk]:
        folders = [self._settings.state]
        if self._engine.dialect.name == "sqlite":
            folders.append(Path(place(self._engine)).resolve().parent)
        found = []
        for folder in dict.fromkeys(folder for folder in folders if folder.is_dir()):
            usage = shutil.disk_usage(folder)
            found.append(Disk(path=str(folder), free=usage.free, total=usage.total))
        return found

    # -- digests --------------------------------------------------------------------------------

    def digests(self, now: datetime) -> list[Letter]:
        """The digests that are due and were never written: of the last whole week and of the last whole season."""
        today = day_in_china(now)
        letters = []
        if self._settings.alarms.weekly:
            monday = today - timedelta(days=today.weekday())
            letters.append(self.weekly(monday))
        if self._settings.alarms.yearly:
            letters.append(self.yearly(today.year if today.month >= 7 else today.year - 1))
        return [letter for letter in letters if letter is not None]

    def weekly(self, ends: date, *, again: bool = False) -> Letter | None:
        """The digest of the seven days before a day; None if it was written already."""
        begins = ends - timedelta(days=7)
        week = begins.isocalendar()
        key = f"weekly:{begins.isoformat()}"
        return self._digest(begins, ends, key, f"Week {week.week} of {week.year}", again=again)

    def yearly(self, year: int, *, again: bool = False) -> Letter | None:
        """The digest of the year to 30 June, when a season closes; None if it was written already."""
        begins, ends = date(year - 1, 7, 1), date(year, 7, 1)
        return self._digest(begins, ends, f"yearly:{year}", f"The year to {ends}", again=again)

    def _digest(self, begins: date, ends: date, key: str, title: str, *, again: bool) -> Letter | None:
        if not again and (not self.delivery.names or self.incidents.posted(key)):
            return None
        found = digest(self._engine, _midnight(begins), _midnight(ends))
        if not again and not found.visits:
            return None  # nothing was crawled in that time: the archive is younger than it
        return of_digest(found, title=title, key=key, open_incidents=self.incidents.open_incidents())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
