"""What the crawl left: captures, doubtful and refused addresses, quarantine, runs, changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from archive import quarantine, schema, stored_captures, views
from archive.errors import UsageError
from archive.findings import Document, Quarantined, Refusal, Run
from archive.reader_base import Readings
from archive.records import FrontierState, StoredCapture, Verdict
from archive.states import Change, ChangeKind


class CrawlReadings(Readings):
    """What was fetched, what is in doubt, what happened: a part of ``archive.reader``."""

    def capture(self, payload_sha256: str) -> StoredCapture:
        """The first capture of these bytes, with the bytes as received.

        Raises:
            UsageError: the archive holds no such bytes.
            DatabaseUnusable: they are damaged.
        """
        query = sa.select(sa.func.min(schema.capture.c.id)).where(
            schema.capture.c.payload_sha256 == payload_sha256
        )
        with self._reading() as connection:
            capture_id = connection.execute(query).scalar()
            if capture_id is None:
                raise UsageError(f"the archive holds no bytes {payload_sha256}")
            return stored_captures.load(connection, capture_id)

    def has_portal(self, key: str) -> bool:
        """True if anything was ever asked of this portal."""
        query = sa.select(sa.func.count()).where(schema.portal.c.key == key)
        with self._reading() as connection:
            return bool(connection.execute(query).scalar())

    def unsure(self, portal: str | None = None, *, limit: int | None = None) -> list[Document]:
        """Documents that a person has to look at, newest first."""
        view = views.documents.c
        query = sa.select(views.documents).where(view.verdict == Verdict.UNSURE)
        if portal is not None:
            query = query.where(view.portal_key == portal)
        return self._all(query.order_by(view.document_id.desc()).limit(limit), Document)

    def refused(self, portal: str | None = None, *, limit: int | None = None) -> list[Refusal]:
        """URLs that were not wanted, with their reasons, newest first."""
        row = schema.frontier.c
        query = (
            sa.select(
                schema.portal.c.key.label("portal_key"),
                row.url,
                row.title,
                row.reason,
                row.listed_date,
                row.column,
                row.last_checked.is_not(None).label("read"),
            )
            .join(schema.portal, schema.portal.c.id == row.portal_id)
            .where(row.state == FrontierState.REFUSED)
            .order_by(row.id.desc())
            .limit(limit)
        )
        return self._all(query if portal is None else query.where(schema.portal.c.key == portal), Refusal)

    def quarantine(
        self,
        portal: str | None = None,
        *,
        reason: str | None = None,
        state: str | None = None,
        limit: int | None = None,
    ) -> list[Quarantined]:
        """Readings that are not trusted, newest first.

        Args:
            portal: key of the portal.
            reason: see ``archive.records.DoubtKind``.
            state: see ``archive.states.QuarantineState``; without it, what is not decided.
            limit: at most so many.
        """
        with self._reading() as connection:
            return quarantine.listed(connection, portal=portal, reason=reason, state=state, limit=limit)

    def quarantined(self, quarantine_id: int) -> Quarantined:
        """One reading that was not trusted, whatever became of it.

        Raises:
            UsageError: there is none of that number.
        """
        with self._reading() as connection:
            return quarantine.entry(connection, quarantine_id)

    def runs(self, portal: str | None = None, *, limit: int | None = None) -> list[Run]:
        """Crawls, newest first."""
        row = schema.run.c
        query = (
            sa.select(
                row.id.label("run_id"),
                schema.portal.c.key.label("portal_key"),
                row.trigger,
                row.owner,
                row.code_version,
                row.started,
                row.heartbeat,
                row.finished,
                row.state,
                row.counters,
                row.summary,
            )
            .join(schema.portal, schema.portal.c.id == row.portal_id)
            .order_by(row.id.desc())
            .limit(limit)
        )
        return self._all(query if portal is None else query.where(schema.portal.c.key == portal), Run)

    def changes(self, since: int = 0, *, limit: int | None = None) -> list[Change]:
        """What happened after change number ``since``, in the order of commits.

        Whoever asks again with the last ``seq`` received misses nothing and sees nothing twice.
        """
        view = views.changes.c
        query = sa.select(views.changes).where(view.seq > since).order_by(view.seq).limit(limit)
        return self._changes(query)

    def changes_of(self, document_ids: Iterable[int]) -> list[Change]:
        """The changes of some documents, oldest first."""
        wanted = set(document_ids)
        view = views.changes.c
        query = sa.select(views.changes).where(view.document_id.in_(wanted)).order_by(view.seq)
        return self._changes(query)

    def _changes(self, query: sa.Select[Any]) -> list[Change]:
        with self._reading() as connection:
            return [
                Change(
                    kind=ChangeKind(row["kind"]),
                    portal=row["portal_key"],
                    **{name: value for name, value in row.items() if name not in {"kind", "portal_key"}},
                )
                for row in connection.execute(query).mappings()
            ]
