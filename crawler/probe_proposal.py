"""A site file from what a probe found: only what differs from the defaults, in about ten lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from crawler.platforms.anchors import Anchors
from crawler.probe_findings import Findings
from crawler.probe_target import Target
from crawler.site_file import ColumnDeclaration, Declaration, host_of, twins

MOST_COLUMNS = 12
"""Columns proposed; a portal with more gives each street its own, and the crawl finds the rest from its hubs."""
FEWEST_PAGES = 3
"""Pages of one platform from which it is pinned."""
_UNNAMED = re.compile(r"^json$|^anchors$")
_PLACES = (
    (re.compile(r"(?:省|自治区|特别行政区)$"), "province"),
    (re.compile(r"(?:街道|街道办事处)$"), "street"),
    (re.compile(r"(?:镇|乡)$"), "town"),
    (re.compile(r"(?:局|委员会|委|办公室|厅)$"), "department"),
    (re.compile(r"(?:自治州|州|盟|地区)$"), "city"),
    (re.compile(r"(?:区|县|旗|市)$"), "county"),
)
_STEP = re.compile(r"(?:.{2,}?(?:省|自治区))?(?:.{2,}?(?:自治州|市|盟|地区))?(?=.{2,})")


def propose(target: Target, found: Findings, *, pinned: bool = True) -> Declaration:
    """What the portal's site file should say. What a present one says is kept.

    Args:
        target: What was asked for.
        found: What was found there.
        pinned: The platform may be pinned.
    """
    said = target.declared
    home = found.home if target.row is None or found.home != (said.home or target.row.url) else said.home
    default = target.row.url if target.row is not None else None
    tls = next(
        (way.tls for way in reversed(found.ways) if way.home == found.home and way.tls != "strict"), None
    )
    hosts = _hosts(said, home or default or "", default)
    columns = tuple(said.columns)
    for column in found.columns:
        known = next((c for c in columns if c.url == column.url), None)
        if known is not None:
            sure = replace(known, confirmed=known.confirmed or bool(column.reports))
            columns = tuple(sure if c is known else c for c in columns)
        elif len(columns) < max(MOST_COLUMNS, len(said.columns)):
            columns += (ColumnDeclaration(url=column.url, name=column.name, confirmed=bool(column.reports)),)
    hubs = said.hubs
    if target.start and not any(column.confirmed for column in columns) and target.start not in hubs:
        hubs = (
            (*hubs, target.start) if host_of(target.start) in (*twins(host_of(found.home)), *hosts) else hubs
        )
    proposed = replace(
        said,
        home=None if home == default else home,
        platform=said.platform or (_platform(found) if pinned else None),
        hosts=hosts,
        hubs=tuple(url for url in hubs if url not in {column.url for column in columns}),
        tls=tls if found.read else said.tls,
        columns=columns,
    )
    return proposed if target.row is not None or target.has_file else _named(proposed, found)


def as_toml(proposed: Declaration, found: Findings, day: date) -> str:
    """The site file as text.

    Args:
        proposed: From :func:`propose`.
        found: For the comment that says where it comes from.
        day: When the portal was looked at.
    """
    lines = [f"# {line}" for line in _remarks(proposed, found, day)]
    for name in (
        "key", "name", "short_name", "level", "division_code", "home", "platform", "hosts", "private_hosts", "hubs",
        "delay", "budget", "list_budget", "window", "browser", "host_group", "tls",
    ):  # fmt: skip
        value = getattr(proposed, name)
        if value is not None and value is not False and value != ():
            lines.append(f"{name} = {_value(value)}")
    if proposed.roster is not None:
        lines += ["roster = [", *(f"    {_value(unit)}," for unit in proposed.roster), "]"]
    for column in proposed.columns:
        lines += ["[[column]]", f"url = {_value(column.url)}", f"name = {_value(column.name)}"]
        lines.append(f"confirmed = {_value(column.confirmed)}")
        if column.publisher is not None:
            lines.append(f"publisher = {_value(column.publisher)}")
    if proposed.options:
        lines += [
            "[options]",
            *(f"{_value(name)} = {_value(value)}" for name, value in proposed.options.items()),
        ]
    kept = {name: value for name, value in asdict(proposed.schedule).items() if value not in {None, False}}
    if kept:
        lines += ["[schedule]", *(f"{name} = {_value(value)}" for name, value in kept.items())]
    return "\n".join(lines) + "\n"


def _remarks(proposed: Declaration, found: Findings, day: date) -> list[str]:
    reports = sum(len(column.reports) for column in found.columns)
    confirmed = sum(column.confirmed for column in proposed.columns)
    name = proposed.name or found.name
    said = f"{name}. Proposed by crawler probe on {day}, after {found.requests} requests: "
    said += f"{reports} report{'' if reports == 1 else 's'} read, "
    lines = [said + f"{confirmed} of {len(proposed.columns)} columns confirmed."]
    if found.other_hosts:
        told = ", ".join(f"{host} ({number})" for host, number in found.other_hosts.items())
        lines.append(f"Titles of reports lead to hosts not declared here: {told}")
    missing = found.roster.units - len(found.roster.reported)
    if confirmed and missing and found.roster.reported:
        lines.append(f"{missing} of {found.roster.units} streets and towns were not met in this look.")
    return [" ".join(line.split()) for line in lines]


def _hosts(said: Declaration, home: str, default: str | None) -> tuple[str, ...]:
    """Declared hosts, without those that follow from home; with the old home's where the portal has moved."""
    own = twins(host_of(home)) if home else ()
    old = twins(host_of(default)) if default and host_of(default) not in own else ()
    outside = tuple(
        host for host in own[:1] if not f".{host.partition(':')[0]}".endswith(".gov.cn") and home != default
    )
    kept = [host for host in said.hosts if host not in own]
    return tuple(dict.fromkeys((*outside, *kept, *old)))


def _platform(found: Findings) -> str | None:
    """The one platform all lists speak for, if no page speaks for another one."""
    lists = {column.platform for column in found.columns if column.candidates}
    named = {seen.name: seen.pages for seen in found.platforms if not _UNNAMED.match(seen.name)}
    if len(lists) != 1 or set(named) != lists or Anchors.name in lists:
        return None
    name = lists.pop()
    return name if named[name] >= FEWEST_PAGES else None


def _named(proposed: Declaration, found: Findings) -> Declaration:
    """Name, level and code of a portal that stands in no table, from what its pages say; a person looks over them."""
    name = found.identity.name
    if name is None:
        return proposed
    short = _STEP.sub("", name, count=1) or name
    level = next((level for ending, level in _PLACES if ending.search(short)), proposed.level)
    divided = None
    if found.identity.code is not None and level in {"province", "city", "county"}:
        divided = found.identity.code[:6]
        # 市 is a city's ending as well as a county's; GB/T 2260 numbers them differently.
        level = "province" if divided.endswith("0000") else "city" if divided.endswith("00") else "county"
    return replace(proposed, name=name, short_name=short, level=level, division_code=divided)


def _value(value: Any) -> str:  # noqa: ANN401  # what TOML knows
    """A value as TOML writes it: its strings are JSON's, but for DEL, which pages do not have in addresses or names."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        if len(value) > 1:
            return "[\n" + "".join(f"    {_value(inner)},\n" for inner in value) + "]"
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    if isinstance(value, str):
        return json.dumps("".join(c for c in value if c.isprintable()), ensure_ascii=False)
    return str(value)
