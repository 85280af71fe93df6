"""Messages to people, as text and as HTML: incidents and digests. Words from outside are made harmless in both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from html import escape

from archive.digest import LISTED, Digest
from archive.incidents import Happened, Incident, Letter, What
from archive.terminal import counted, one_line
from scheduler.season import CHINA

_MOST_LINES = 60
_ORDER = (What.OPENED, What.REMINDED, What.CLOSED)
NAMES = {
    "unreadable": "portal unreadable",
    "blocked": "portal blocks us",
    "column_lost": "column lost",
    "partial": "read only in part",
    "quarantine": "quarantine grows",
    "overdue": "reports overdue",
    "site_file": "site file broken",
    "disk": "disk nearly full",
    "service_silent": "service not running",
}
"""Kinds of incidents in words."""


def of_incidents(happened: Sequence[Happened], *, name: Callable[[str], str], now: datetime) -> Letter:
    """One message about everything that a sweep opened, reminded of or closed.

    Args:
        happened: What is to be told.
        name: A portal's name by its key.
        now: The moment of the sweep.
    """
    groups = [(what, [one.incident for one in happened if one.what is what]) for what in _ORDER]
    groups = [(what, incidents) for what, incidents in groups if incidents]
    if len(happened) == 1:
        only = happened[0]
        title = f"{only.what.value}: {_head(only.incident, name)}"
    else:
        title = ", ".join(f"{len(incidents)} {what.value}" for what, incidents in groups)
    text: list[str] = []
    rows: list[str] = []
    for what, incidents in groups:
        text.append(f"{what.value} ({len(incidents)})")
        rows.append(f"<h3>{escape(what.value)} ({len(incidents)})</h3><ul>")
        for incident in incidents[:_MOST_LINES]:
            line = f"{_head(incident, name)}: {_said(incident, what, now)}"
            text.append(f"- {line}")
            rows.append(f"<li>{escape(line)}</li>")
        if len(incidents) > _MOST_LINES:
            more = f"… and {len(incidents) - _MOST_LINES} more: scheduler incidents"
            text.append(more)
            rows.append(f"<li>{escape(more)}</li>")
        rows.append("</ul>")
        text.append("")
    marks = ",".join(f"{one.incident.id}{one.what.name[0]}{one.incident.reminders}" for one in happened)
    key = "incidents:" + sha256(marks.encode()).hexdigest()[:32]
    return Letter(key=key, title=f"[fazhi] {title}", body="\n".join(text).rstrip() + "\n", html="".join(rows))


def _head(incident: Incident, name: Callable[[str], str]) -> str:
    kind = NAMES.get(incident.kind, incident.kind)
    key = incident.portal_key
    return one_line(f"{kind}: {name(key)} ({key})") if key else kind


def _said(incident: Incident, what: What, now: datetime) -> str:
    since = f"{incident.since.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if what is What.CLOSED:
        lasted = now - incident.opened
        return f"is over; it was opened {incident.opened.astimezone(CHINA):%Y-%m-%d %H:%M}, {lasted.days} days ago"
    return one_line(f"since {since}: {incident.detail}")


def of_digest(digest: Digest, *, title: str, key: str, open_incidents: Sequence[Incident]) -> Letter:
    """A digest as a message.

    Args:
        digest: What happened.
        title: Of the message.
        key: Never sent twice.
        open_incidents: What is wrong at the end of the time.
    """
    begins, ends = (moment.astimezone(CHINA) for moment in (digest.begins, digest.ends))
    counts = ", ".join(f"{words} {number}" for words, number in digest.counts.items()) or "nothing changed"
    head = [
        f"From {begins:%Y-%m-%d} to {ends:%Y-%m-%d}: {counts}; late {digest.late}.",
        (
            f"{counted(digest.visits, 'crawl')}, {digest.unreadable} of them could not read their portal; "
            f"open incidents: {len(open_incidents)}."
        ),
    ]
    text = [*head, ""]
    rows = [f"<h2>{escape(title)}</h2>", *(f"<p>{escape(line)}</p>" for line in head)]
    for words, lines in digest.lists.items():
        number = digest.late if words == "late" else digest.counts.get(words, len(lines))
        text.append(f"{words} ({number})")
        rows.append(f"<h3>{escape(words)} ({number})</h3><table>")
        for line in lines:
            day = "" if line.published is None else line.published.isoformat()
            cells = [one_line(cell) for cell in (line.portal, line.title, str(line.year or ""), day)]
            text.append("- " + "  ".join(cell for cell in cells if cell))
            rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
        rows.append("</table>")
        if number > LISTED:
            text.append(f"… and {number - LISTED} more")
            rows.append(f"<p>… and {number - LISTED} more</p>")
        text.append("")
    if open_incidents:
        text.append("open incidents")
        rows.append("<h3>open incidents</h3><ul>")
        for incident in open_incidents[:_MOST_LINES]:
            said = one_line(
                f"{NAMES.get(incident.kind, incident.kind)} {incident.portal_key}: {incident.detail}"
            )
            text.append(f"- {said}")
            rows.append(f"<li>{escape(said)}</li>")
        rows.append("</ul>")
    return Letter(key=key, title=f"[fazhi] {title}", body="\n".join(text).rstrip() + "\n", html="".join(rows))


def page(letter: Letter) -> str:
    """A message as a whole HTML page, for a file."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(letter.title)}</title></head><body>{letter.html or escape(letter.body)}</body></html>\n"
    )
