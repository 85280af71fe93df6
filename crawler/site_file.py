"""Site files (``seeds/sites/<key>.toml``): read, checked key by key, refused with file, line and key."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from crawler.errors import BadSiteFile
from crawler.toml_lines import line_of
from crawler.window import Window

PLATFORM_NAMES = frozenset(
    {"trs", "epoint", "anchors", "igs", "json", "hanweb", "ucap", "gkmlpt", "anhui", "vsb", "siteserver"}
)
"""What ``platform`` may say: the names in ``crawler.platforms.PLATFORMS``, which is not imported here because
reading a site file must not wait for the readers' libraries; a test holds the two together."""

_KINDS: dict[str, tuple[type, ...]] = {
    "key": (str,),
    "name": (str,),
    "short_name": (str,),
    "level": (str,),
    "division_code": (str,),
    "home": (str,),
    "platform": (str,),
    "hosts": (list,),
    "hubs": (list,),
    "delay": (int, float),
    "budget": (int,),
    "list_budget": (int,),
    "host_group": (str,),
    "tls": (str,),
    "private_hosts": (list,),
    "window": (str,),
    "browser": (bool,),
    "column": (list,),
    "options": (dict,),
    "roster": (list,),
    "schedule": (dict,),
}
_COLUMN_KINDS: dict[str, tuple[type, ...]] = {
    "url": (str,),
    "name": (str,),
    "confirmed": (bool,),
    "publisher": (str,),
}
_UNIT_KINDS: dict[str, tuple[type, ...]] = {"code": (str,), "name": (str,), "kind": (str,)}
_SCHEDULE_KINDS: dict[str, tuple[type, ...]] = {
    "every_days": (int, float),
    "quiet_days": (int, float),
    "limit_minutes": (int, float),
    "paused": (bool,),
}
_BETWEEN = {"every_days": (0.25, 60), "quiet_days": (0.25, 60), "limit_minutes": (1, 1440)}
"""Sixty days are the most between two visits: the densest weeks, 1 January to 24 March, must not go by without one."""
TLS_WAYS = ("strict", "legacy", "unverified", "legacy-unverified")
"""What ``tls`` may say; each is explained in ``crawler.tls``."""
_LEVELS = ("province", "city", "county", "town", "street", "department")
_WORDS = {
    str: "a string",
    list: "a list",
    int: "a number",
    float: "a number",
    bool: "true or false",
    dict: "a table",
}
_HOST = re.compile(
    r"^(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$"
)
_KEY = re.compile(r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")


@dataclass(frozen=True, kw_only=True)
class ColumnDeclaration:
    """One ``[[column]]``."""

    url: str
    name: str
    confirmed: bool = True
    publisher: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScheduleDeclaration:
    """``[schedule]``: what the service does otherwise with this portal; None where it says nothing."""

    every_days: float | None = None
    """Days between two visits from December to June."""
    quiet_days: float | None = None
    """The same from July to November."""
    limit_minutes: float | None = None
    """When a crawl is ended."""
    paused: bool = False
    """The service leaves the portal alone."""


USUAL = ScheduleDeclaration()


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A site file's content; None where it says nothing."""

    key: str
    name: str | None = None
    short_name: str | None = None
    level: str | None = None
    division_code: str | None = None
    home: str | None = None
    platform: str | None = None
    hosts: tuple[str, ...] = ()
    hubs: tuple[str, ...] = ()
    delay: float | None = None
    budget: int | None = None
    list_budget: int | None = None
    host_group: str | None = None
    tls: str | None = None
    private_hosts: tuple[str, ...] = ()
    window: str | None = None
    browser: bool = False
    columns: tuple[ColumnDeclaration, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    roster: tuple[dict[str, str], ...] | None = None
    schedule: ScheduleDeclaration = USUAL


def read_site_file(path: Path, *, home: str | None, shown: str | None = None) -> Declaration:
    """Reads and checks one site file.

    Args:
        path: The file; its name without ``.toml`` is the site's key.
        home: Home address by ``portals.csv``; None if the table does not have this key, so that the file
            must say everything.
        shown: The file's name in messages; default the path.

    Raises:
        BadSiteFile: Anything missing, unknown, of the wrong type, or unusable.
    """
    return _Check(path, home, shown or str(path)).declaration()


def host_of(url: str) -> str:
    """``host`` or ``host:port`` of an address, lower case, default ports left out."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return host if parts.port in {None, 80, 443} else f"{host}:{parts.port}"


def twins(host: str) -> tuple[str, ...]:
    """A host and the same with or without ``www.``; both forms of one portal occur in links (facts)."""
    bare = host.removeprefix("www.")
    return (host, bare if bare != host else f"www.{host}")


class _Check:
    def __init__(self, path: Path, home: str | None, shown: str) -> None:
        self._path = path
        self._home = home
        self._shown = shown
        try:
            self._text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise BadSiteFile(f"{shown}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise BadSiteFile(f"{shown}: is not UTF-8 (byte {error.start})") from error

    def declaration(self) -> Declaration:
        try:
            data = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            words = str(error)
            at = re.search(r"\(at line (\d+), column \d+\)", words)
            line = int(at[1]) if at else self._text.count("\n") + 1
            raise BadSiteFile(f"{self._shown}:{line}: not TOML: {words}") from error
        self._keys(data, _KINDS, "")
        self._named(data)
        hosts = self._hosts(data)
        home: str = data.get("home") or self._home or ""
        if "home" in data:
            self._url(home, ("home",), None, hosts)
        allowed = {*twins(host_of(home)), *hosts}
        for n, hub in enumerate(self._strings(data, "hubs")):
            self._url(hub, ("hubs", n), allowed, hosts)
        return Declaration(
            key=data["key"],
            name=data.get("name"),
            short_name=data.get("short_name"),
            level=data.get("level"),
            division_code=data.get("division_code"),
            home=data.get("home"),
            platform=data.get("platform"),
            hosts=hosts,
            hubs=tuple(data.get("hubs", ())),
            delay=self._least(data, "delay", 0),
            budget=self._least(data, "budget", 1),
            list_budget=self._least(data, "list_budget", 1),
            host_group=data.get("host_group"),
            tls=data.get("tls"),
            private_hosts=self._private(data, allowed),
            window=self._window(data),
            browser=data.get("browser", False),
            columns=self._columns(data, allowed, hosts),
            options=self._options(data),
            roster=self._roster(data),
            schedule=self._schedule(data),
        )

    # -- single keys ----------------------------------------------------------------------------

    def _named(self, data: dict[str, Any]) -> None:
        needed = ["key"] if self._home is not None else ["key", "name", "short_name", "level", "home"]
        for name in needed:
            if name not in data:
                why = "" if self._home is not None else "; portals.csv does not have this key"
                self._refuse((name,), f"missing{why}", line=1)
        if not _KEY.match(data["key"]):
            self._refuse(("key",), f"{data['key']!r}: lower-case letters, digits and hyphens only")
        if data["key"] != self._path.stem:
            self._refuse(("key",), f"{data['key']!r} is not the file's name, {self._path.stem!r}")
        if "level" in data and data["level"] not in _LEVELS:
            self._refuse(("level",), f"{data['level']!r} is none of {', '.join(_LEVELS)}")
        code = data.get("division_code")
        if code is not None and not re.fullmatch(r"\d{6}", code):
            self._refuse(("division_code",), f"{code!r} is not six digits")
        platform = data.get("platform")
        if platform is not None and platform not in PLATFORM_NAMES:
            known = ", ".join(sorted(PLATFORM_NAMES))
            self._refuse(("platform",), f"no platform {platform!r}; there are: {known}")
        way = data.get("tls")
        if way is not None and way not in TLS_WAYS:
            self._refuse(("tls",), f"{way!r} is none of {', '.join(TLS_WAYS)}")
        for name in ("name", "short_name", "host_group"):
            if name in data and not data[name].strip():
                self._refuse((name,), "is empty")

    def _hosts(self, data: dict[str, Any]) -> tuple[str, ...]:
        hosts = self._strings(data, "hosts")
        for n, host in enumerate(hosts):
            if not _HOST.match(host):
                self._refuse(("hosts", n), f"{host!r} is no host name (lower case, no scheme, no path)")
        return tuple(hosts)

    def _private(self, data: dict[str, Any], allowed: set[str]) -> tuple[str, ...]:
        hosts = self._strings(data, "private_hosts")
        for n, host in enumerate(hosts):
            if host not in {name.partition(":")[0] for name in allowed}:
                self._refuse(("private_hosts", n), f"{host!r} is no host of this site")
        return tuple(hosts)

    def _window(self, data: dict[str, Any]) -> str | None:
        text: str | None = data.get("window")
        if text is not None:
            try:
                Window.parse(text)
            except ValueError as error:
                self._refuse(("window",), str(error))
        return text

    def _least(self, data: dict[str, Any], name: str, least: int) -> Any:  # noqa: ANN401  # int or float as declared
        value = data.get(name)
        if value is not None and not least <= value <= 100_000:
            self._refuse((name,), f"{value}: must be {least} or more")
        return value

    def _options(self, data: dict[str, Any]) -> dict[str, str]:
        options: dict[str, str] = data.get("options", {})
        for name, value in options.items():
            if not isinstance(value, str):
                self._refuse(("options", name), "must be a string")
        return options

    def _columns(
        self, data: dict[str, Any], allowed: set[str], hosts: tuple[str, ...]
    ) -> tuple[ColumnDeclaration, ...]:
        columns: list[ColumnDeclaration] = []
        for n, item in enumerate(data.get("column", [])):
            self._table(item, _COLUMN_KINDS, ("column", n), ("url", "name"))
            self._url(item["url"], ("column", n, "url"), allowed, hosts)
            if not item["name"].strip():
                self._refuse(("column", n, "name"), "is empty")
            if item["url"] in {column.url for column in columns}:
                self._refuse(("column", n, "url"), "stands in the file twice")
            columns.append(ColumnDeclaration(**item))
        return tuple(columns)

    def _roster(self, data: dict[str, Any]) -> tuple[dict[str, str], ...] | None:
        if "roster" not in data:
            return None
        for n, item in enumerate(data["roster"]):
            self._table(item, _UNIT_KINDS, ("roster", n), ("code", "name", "kind"))
            if not re.fullmatch(r"\d{9}", item["code"]):
                self._refuse(("roster", n, "code"), f"{item['code']!r} is not nine digits")
        return tuple(data["roster"])

    def _schedule(self, data: dict[str, Any]) -> ScheduleDeclaration:
        said: dict[str, Any] = data.get("schedule", {})
        self._keys(said, _SCHEDULE_KINDS, ("schedule",))
        for name, (least, most) in _BETWEEN.items():
            if name in said and not least <= said[name] <= most:
                self._refuse(("schedule", name), f"{said[name]}: must be between {least} and {most}")
        return ScheduleDeclaration(**said)

    # -- shapes ---------------------------------------------------------------------------------

    def _table(
        self,
        item: object,
        kinds: dict[str, tuple[type, ...]],
        at: tuple[str | int, ...],
        needed: tuple[str, ...],
    ) -> None:
        if not isinstance(item, dict):
            self._refuse(at, "must be a table")
        self._keys(item, kinds, at)
        for name in needed:
            if name not in item:
                self._refuse((*at, name), "missing")

    def _keys(
        self, data: dict[str, Any], kinds: dict[str, tuple[type, ...]], at: tuple[str | int, ...] | str
    ) -> None:
        above = at if isinstance(at, tuple) else ()
        for name, value in data.items():
            if name not in kinds:
                self._refuse((*above, name), f"unknown key; known are: {', '.join(kinds)}")
            wanted = kinds[name]
            if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
                self._refuse((*above, name), f"must be {_WORDS[wanted[0]]}")

    def _strings(self, data: dict[str, Any], name: str) -> list[str]:
        values: list[str] = []
        for n, value in enumerate(data.get(name, [])):
            if not isinstance(value, str):
                self._refuse((name, n), "must be a string")
            values.append(value)
        return values

    def _url(
        self, url: str, at: tuple[str | int, ...], allowed: set[str] | None, hosts: tuple[str, ...]
    ) -> None:
        """Checks an address; with ``allowed`` None (the home page) any ``.gov.cn`` host will do."""
        if not url or any(c.isspace() or c in '<>"{}|\\^`' or ord(c) < 32 for c in url):
            self._refuse(at, f"{url!r} is no address (blanks or forbidden characters)")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            self._refuse(at, f"{url!r} is no address: {error}")
        if parts.scheme not in {"http", "https"}:
            self._refuse(at, f"{url!r}: scheme must be http or https")
        if parts.username is not None or not _HOST.match(
            (parts.hostname or "") + (f":{port}" if port else "")
        ):
            self._refuse(at, f"{url!r} has no usable host")
        host = host_of(url)
        if allowed is not None and host in allowed:
            return
        if host in hosts:
            return
        if not f".{parts.hostname}".endswith(".gov.cn"):
            self._refuse(at, f"host {host} is outside .gov.cn and not declared in hosts")
        if allowed is not None:
            self._refuse(at, f"host {host} is not the portal's and not declared in hosts")

    # -- saying it ------------------------------------------------------------------------------

    def _refuse(self, at: tuple[str | int, ...], why: str, *, line: int | None = None) -> NoReturn:
        name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at).lstrip(".")
        raise BadSiteFile(f"{self._shown}:{line or line_of(self._text, at)}: {name}: {why}")
