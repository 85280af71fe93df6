"""A program beside the archive that follows its changes: misses nothing, sees nothing twice.

    python examples/follow_changes.py archive.db mine.db           # until nothing is new
    python examples/follow_changes.py archive.db mine.db --stay 5  # look again every 5 seconds

It keeps what it learns in a SQLite file of its own: every change it handled, and what it makes of them,
here the newest text of each document. Copy it and put your own work into ``handle``. What matters:

1. What is learned and the cursor are committed in ONE transaction. Killed at any moment, the program
   goes on exactly where its own file says.
2. After a restore from an older backup the archive answers with a reset. Everything learned behind the
   last change in common is forgotten, in one transaction too; then the feed goes on as usual.
3. The archive is opened anew for every look: a restore may have put another file in its place.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time

from archive.errors import ArchiveError
from archive.feed import Entry
from archive.reader import Archive

AT_ONCE = 200
"""Changes per transaction."""

TABLES = """
CREATE TABLE IF NOT EXISTS place (cursor TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS handled (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, document_id INTEGER, report_id INTEGER,
    version INTEGER, text_sha256 TEXT, url TEXT);
CREATE INDEX IF NOT EXISTS handled_document ON handled (document_id, seq);
CREATE TABLE IF NOT EXISTS document (
    document_id INTEGER PRIMARY KEY, url TEXT NOT NULL, report_id INTEGER, state TEXT NOT NULL,
    version INTEGER NOT NULL, text_sha256 TEXT);
"""

# A document is what its changes made of it, so that it can be made again when some are forgotten.
FOLD = """
INSERT OR REPLACE INTO document
SELECT :document_id,
    (SELECT url FROM handled WHERE document_id = :document_id ORDER BY seq DESC LIMIT 1),
    (SELECT report_id FROM handled WHERE document_id = :document_id AND report_id IS NOT NULL
        ORDER BY seq DESC LIMIT 1),
    (SELECT CASE WHEN kind IN ('gone', 'moved', 'withdrawn') THEN kind ELSE 'live' END FROM handled
        WHERE document_id = :document_id
        AND kind IN ('new', 'duplicate', 'unsure', 'annex', 'back', 'gone', 'moved', 'withdrawn')
        ORDER BY seq DESC LIMIT 1),
    version, text_sha256
FROM handled WHERE document_id = :document_id AND version IS NOT NULL ORDER BY seq DESC LIMIT 1
"""


def open_state(path: str) -> sqlite3.Connection:
    """The program's own file; made at the first start."""
    state = sqlite3.connect(path, isolation_level=None)
    state.execute("PRAGMA synchronous=FULL")
    state.executescript(TABLES)
    return state


def step(archive_url: str, state: sqlite3.Connection) -> bool:
    """Handles the next changes. True: there are more, ask again at once."""
    row = state.execute("SELECT cursor FROM place").fetchone()
    with Archive.open(archive_url) as archive:
        page = archive.feed("0" if row is None else row[0], limit=AT_ONCE)
    state.execute("BEGIN IMMEDIATE")
    try:
        if page.reset is not None:
            forget(state, page.reset.common)
        for entry in page.entries:
            handle(state, entry)
        state.execute("DELETE FROM place")
        state.execute("INSERT INTO place VALUES (?)", (str(page.cursor),))
        state.execute("COMMIT")
    except BaseException:
        state.execute("ROLLBACK")
        raise
    return page.more or page.reset is not None


def handle(state: sqlite3.Connection, entry: Entry) -> None:
    """What this program does with one change. A change that came twice would be refused here (primary key)."""
    change = entry.change
    given = (change.seq, change.kind.value, change.document_id, change.report_id, change.version)
    state.execute(
        "INSERT INTO handled VALUES (?, ?, ?, ?, ?, ?, ?)", (*given, change.text_sha256, change.url)
    )
    if change.document_id is not None:
        state.execute(FOLD, {"document_id": change.document_id})


def forget(state: sqlite3.Connection, common: int) -> None:
    """Undoes every change behind the last one in common."""
    lost = "SELECT DISTINCT document_id FROM handled WHERE seq > ? AND document_id IS NOT NULL"
    touched = [document_id for (document_id,) in state.execute(lost, (common,))]
    state.execute("DELETE FROM handled WHERE seq > ?", (common,))
    for document_id in touched:
        state.execute("DELETE FROM document WHERE document_id = ?", (document_id,))
        state.execute(FOLD, {"document_id": document_id})


def main() -> None:
    """Follows until nothing is new, or (``--stay``) for ever."""
    parser = argparse.ArgumentParser(description="Follow the changes of an archive.")
    parser.add_argument("archive", help="path or URL of the archive")
    parser.add_argument("state", help="this program's own SQLite file")
    parser.add_argument("--stay", type=float, metavar="SECONDS", help="look again after so many seconds")
    given = parser.parse_args()
    state = open_state(given.state)
    while True:
        try:
            while step(given.archive, state):
                pass
        except ArchiveError as error:
            sys.exit(f"follow_changes: {error}")
        known, handled = (
            state.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("document", "handled")
        )
        sys.stdout.write(f"{known} documents, {handled} changes handled\n")
        sys.stdout.flush()
        if given.stay is None:
            return
        time.sleep(given.stay)


if __name__ == "__main__":
    main()
