"""What a probe found, for a person and for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crawler.probe_columns import ColumnSeen
from crawler.probe_findings import Findings
from crawler.probe_session import RobotsSeen
from crawler.progress import one_line

if TYPE_CHECKING:
    from rich.console import Console

NAMED = 12
"""Units of the roster that are named; the others are counted."""
NAMED_REASONS = 2
_RESULTS = {
    0: ("a column with reports was found", "green"),
    3: ("columns were found, but no report could be read from them yet", "yellow"),
    4: ("there is no way in from here", "red"),
    5: ("the portal was read, and no report column found", "yellow"),
}


def as_json(found: Findings, toml: str) -> dict[str, Any]:
    """The findings and the proposed site file as one value."""
    columns = [
        {
            "url": column.url,
            "name": column.name,
            "platform": column.platform,
            "declared": column.declared,
            "rows": column.rows,
            "rows_stated": column.rows_stated,
            "pages": column.pages,
            "page_count": column.page_count,
            "candidates": len(column.candidates),
            "unsure": column.unsure,
            "reports": [asdict(report) for report in column.reports],
            "unread": list(column.unread),
            "warnings": list(column.warnings),
        }
        for column in found.columns
    ]
    return {
        "site": found.key,
        "name": found.name,
        "home": found.home,
        "exit_code": found.exit_code,
        "ways": [asdict(way) for way in found.ways],
        "refusal": found.refusal,
        "robots": [asdict(robots) for robots in found.robots],
        "charsets": dict(found.charsets),
        "charset_warnings": list(found.charset_warnings),
        "platforms": [asdict(platform) for platform in found.platforms],
        "host_group": found.host_group,
        "identity": asdict(found.identity),
        "columns": columns,
        "searches": [asdict(search) for search in found.searches],
        "roster": asdict(found.roster),
        "other_hosts": dict(found.other_hosts),
        "requests": found.requests,
        "budget_used": found.spent,
        "stopped": found.stopped,
        "notes": list(found.notes),
        "site_file": toml,
    }


def show(found: Findings, toml: str, console: Console) -> None:
    """Prints findings, columns, the proposed site file, and what to do next."""
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=f"{found.name} ({found.key})", title_justify="left", show_header=False, show_edge=False
    )
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(found):
        table.add_row(name, Text(one_line(value, 300)))
    console.print(table)
    if found.columns:
        _show_columns(found.columns, console)
    console.print(Text("\nproposed site file:", "bold"))
    console.print(Text(toml.rstrip()), soft_wrap=True)
    sentence, colour = _RESULTS[found.exit_code]
    console.print(Text(f"\nResult: {sentence} (exit code {found.exit_code})", colour))
    for step in next_steps(found):
        console.print(Text(f"  → {step}"))


def next_steps(found: Findings) -> list[str]:
    """What a person should do now."""
    steps = []
    if found.exit_code == 4:
        steps.append("Open it in a browser; if it works there, record it: crawler import FILE --site KEY")
    if found.exit_code == 3:
        steps.append(
            "Open one of its reports in a browser: texts were missing or in doubt, for the reasons above"
        )
    if found.exit_code == 5:
        steps.append("Look for the column in a browser, then probe its address: crawler probe URL")
    if found.spent and found.exit_code != 4:
        steps.append("The budget is used: --budget 100 looks further")
    if found.other_hosts:
        steps.append("Declare the hosts that carry its reports: " + ", ".join(found.other_hosts))
    if found.identity.code_agrees is False or found.identity.named is False:
        steps.append("Make sure that it is the right portal: its code or name is not the row's")
    if found.exit_code in (0, 3):
        steps.append("Keep it with a fixture and a test: the same command with --write")
    return steps


def _show_columns(columns: tuple[ColumnSeen, ...], console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, pad_edge=False)
    for name in ("column", "rows", "pages", "titles", "reports read", "platform", "address"):
        table.add_column(
            name, justify="right" if name in {"rows", "pages", "titles"} else "left", overflow="fold"
        )
    for column in columns:
        rows = f"{column.rows}" + (f" of {column.rows_stated}" if column.rows_stated is not None else "")
        pages = f"{column.pages}" + (f" of {column.page_count}" if column.page_count is not None else "")
        years = " ".join(sorted({str(report.year) for report in column.reports if report.year}))
        table.add_row(
            Text(one_line(column.name, 30)),
            rows,
            pages,
            f"{len(column.candidates)}" + (f" + {column.unsure}?" if column.unsure else ""),
            f"{len(column.reports)}" + (f" ({years})" if years else ""),
            column.platform,
            Text(one_line(column.url, 200)),
        )
    console.print()
    console.print(table)


def _facts(found: Findings) -> list[tuple[str, str]]:
    identity = found.identity
    facts = [("reached", "; ".join(_way(found, at) for at in range(len(found.ways))))]
    if found.refusal:
        facts.append(("refused", found.refusal))
    facts.append(("robots.txt", "; ".join(map(_robots, found.robots)) or "not asked"))
    charsets = ", ".join(f"{name} ({number})" for name, number in found.charsets.items())
    facts.append(("charset", "; ".join(filter(None, (charsets, *found.charset_warnings))) or "nothing read"))
    for platform in found.platforms:
        signs = f": {', '.join(platform.signs)}" if platform.signs else ""
        facts.append(("platform", f"{platform.name} by {platform.pages} pages{signs}; {platform.example}"))
    facts.append(("host group", found.host_group))
    agrees = {True: "agrees with the row", False: "NOT the row's", None: "nothing to compare with"}
    facts.append(
        ("site code", f"{identity.code} ({agrees[identity.code_agrees]})" if identity.code else "none found")
    )
    if identity.portal is not None:
        facts.append(("code is of", f"{identity.portal_name}, in the seeds as {identity.portal}"))
    named = {
        True: "the row's name stands on it",
        False: "the row's name does NOT stand on it",
        None: "not read",
    }
    facts.append(("calls itself", f"{identity.name or '–'} ({named[identity.named]})"))
    for search in found.searches:
        facts.append(("title search", f"{search.state}, {search.candidates} titles: {search.url}"))
    if not found.searches and found.read:
        facts.append(("title search", "none seen"))
    roster = found.roster
    names = "、".join(roster.reported[:NAMED]) + ("…" if len(roster.reported) > NAMED else "")
    facts.append(
        (
            "roster",
            f"{len(roster.reported)} of {roster.units} streets and towns with a report, "
            f"{len(roster.linked)} named by links" + (f": {names}" if names else ""),
        )
    )
    if found.other_hosts:
        told = ", ".join(f"{host} ({number} titles)" for host, number in found.other_hosts.items())
        facts.append(("other hosts", told))
    used = (
        "all of the budget"
        if found.spent
        else "nothing left to look at"
        if not found.stopped
        else found.stopped
    )
    facts.append(("requests", f"{found.requests}, {used}"))
    for column in found.columns:
        facts += [("not a report", f"{column.name}: {why}") for why in column.unread[:NAMED_REASONS]]
        facts += [("list says", f"{column.name}: {said}") for said in column.warnings[:NAMED_REASONS]]
    facts += [("note", note) for note in found.notes]
    return facts


def _way(found: Findings, at: int) -> str:
    way = found.ways[at]
    scheme = way.home.partition("://")[0]
    said = f"{way.home}" + (f" with tls = {way.tls}" if way.tls != "strict" else "")
    if way.outcome != "ok":
        return f"{said} {way.outcome}" + (f" ({way.detail})" if way.detail else "")
    if way.final is not None:
        kind = "switches to" if way.final.partition("://")[0] != scheme else "redirects to"
        return f"{said} {kind} {way.final}"
    return f"{said} directly" if at == 0 else f"{said} works"


def _robots(robots: RobotsSeen) -> str:
    if robots.state == "none":
        return f"{robots.host}: none ({robots.detail})"
    if robots.state == "unreadable":
        return f"{robots.host}: could not be read ({robots.detail})"
    delay = f", crawl-delay {robots.delay:g} s" if robots.delay is not None else ""
    return f"{robots.host}: {robots.disallowed} rules{delay}"
