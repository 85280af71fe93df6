"""One model of everything that can be set by file, environment, flags; secrets are never printed."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from archive.terminal import one_line
from crawler.toml_lines import line_of
from scheduler.errors import BadSettings
from scheduler.season import Phase, revisit_interval

FILE = "scheduler.toml"
PREFIX = "SCHEDULER_"

Days = Annotated[float, Field(ge=0.25, le=60)]
"""Bounds of an interval: six hours is polite enough for any portal, and 60 days let no season of 83 days be missed."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _default(phase: Phase) -> float:
    return revisit_interval(phase) / timedelta(days=1)


class Intervals(_Part):
    """Days between two visits of a portal."""

    early: Days = _default(Phase.EARLY)
    main: Days = _default(Phase.MAIN)
    deadline: Days = _default(Phase.DEADLINE)
    late: Days = _default(Phase.LATE)
    quiet: Days = _default(Phase.QUIET)
    complete: Annotated[float, Field(ge=1, le=15)] = 4
    """How many times slower in the season, once every body of the portal's roster has reported."""

    def days(self, phase: Phase) -> float:
        """Days between two visits in a phase."""
        return float(getattr(self, phase.value))


class Retries(_Part):
    """After a visit that did not read the portal completely."""

    first_hours: Annotated[float, Field(ge=0.1, le=168)] = 6
    blocked_hours: Annotated[float, Field(ge=1, le=168)] = 24
    """First wait after a portal that refused us: asking again sooner would only confirm it."""
    factor: Annotated[float, Field(ge=1, le=10)] = 2
    most_days: Annotated[float, Field(ge=1, le=30)] = 7


class Pool(_Part):
    """Crawls that run as processes."""

    at_once: Annotated[int, Field(ge=1, le=200)] = 8
    limit_minutes: Annotated[float, Field(gt=0, le=1440)] = 180
    """A crawl that takes longer gets SIGTERM."""
    grace_seconds: Annotated[float, Field(ge=1, le=600)] = 60
    """And SIGKILL so much later."""
    drain_seconds: Annotated[float, Field(ge=0, le=86400)] = 0
    """How long crawls may go on by themselves when the service is told to stop; then they are handed back."""
    lease_seconds: Annotated[float, Field(ge=10, le=3600)] = 120
    tick_seconds: Annotated[float, Field(ge=0.2, le=3600)] = 30
    """How often the archive is asked what is due."""


class Upkeep(_Part):
    """What the service keeps up besides crawls."""

    similar_texts: Annotated[int, Field(ge=0, le=100_000)] = 2000
    """Readings an hour that are covered for `archive similar`, 10 ms each; 0: none."""


class Health(_Part):
    """What the service tells over HTTP."""

    port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Port on loopback for /healthz and /metrics; None: none."""


class Alarms(_Part):
    """When a person is told, and how."""

    targets: Mapping[str, SecretStr] = Field(default_factory=dict)
    """Name → address as apprise writes it (wecombot://…, mailtos://…, json://…)."""
    file: Path | None = None
    """A file to which every message is appended."""
    remind_days: Annotated[float, Field(ge=0.01, le=365)] = 7
    failures: Annotated[int, Field(ge=1, le=100)] = 3
    """Crawls in a row that could not read the portal before somebody hears of it."""
    quarantine: Annotated[int, Field(ge=1)] = 5
    overdue_days: Annotated[int, Field(ge=0, le=90)] = 7
    """Days after 31 March before a missing report counts: postings are antedated."""
    disk_percent: Annotated[float, Field(ge=0, le=99)] = 5
    disk_gib: Annotated[float, Field(ge=0)] = 1
    silence_hours: Annotated[float, Field(gt=0)] = 24
    """Hours without a sign of life of any service before that is an incident."""
    sweep_minutes: Annotated[float, Field(ge=0.01, le=1440)] = 10
    give_up_days: Annotated[float, Field(gt=0)] = 14
    """A message that could not be delivered for so long is given up, and said to be."""
    weekly: bool = True
    yearly: bool = True

    @field_validator("targets")
    @classmethod
    def _targets(cls, targets: Mapping[str, SecretStr]) -> Mapping[str, SecretStr]:
        for name, address in targets.items():
            if name == "file" or not name.replace("-", "").replace("_", "").isalnum():
                raise ValueError(
                    f"{one_line(name)!r} is no name for a target: letters, digits, hyphens; not 'file'"
                )
            if "://" not in address.get_secret_value():
                raise ValueError(f"{name}: is no address (scheme://…)")
        return targets


class Settings(BaseSettings):
    """Everything the service can be told."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        nested_model_default_partial_update=True,
    )

    db: SecretStr | None = None
    """The archive; default: ARCHIVE_URL, else archive.db. Secret, since a URL holds a password."""
    seeds: Path | None = None
    state: Path = Path("scheduler-state")
    """Folder for logs of the last visits and for good copies of site files."""
    only: tuple[str, ...] = ()
    """Keys of the portals to visit; empty: all of the seeds."""
    log: Literal["text", "json"] = "text"
    intervals: Intervals = Intervals()
    retries: Retries = Retries()
    pool: Pool = Pool()
    upkeep: Upkeep = Upkeep()
    health: Health = Health()
    alarms: Alarms = Alarms()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags and environment arrive merged by :func:`load`; nothing else is read."""
        return (init_settings,)

    @property
    def database(self) -> str:
        """Where the archive is."""
        from archive.database import default_url

        return default_url() if self.db is None else self.db.get_secret_value()

    def shown(self) -> dict[str, Any]:
        """Every setting for a person; secrets are stars."""
        return self.model_dump(mode="json")


def load(
    file: Path | None = None,
    *,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Reads the settings: flags go before the environment, that before the file, that before the defaults.

    Args:
        file: The settings file; None: ``scheduler.toml`` here, if there is one.
        flags: What the command line said, by setting; nested ones as mappings.
        environment: Variables; default the process's own.

    Raises:
        BadSettings: Anything unknown, of the wrong type or out of bounds; names where it stands.
    """
    told = os.environ if environment is None else environment
    path = file if file is not None else Path(FILE)
    text, said = _file(path, must=file is not None)
    by_variable = _environment(told)
    merged: dict[str, Any] = {}
    for source in (said, by_variable, dict(flags or {})):
        merged = _over(merged, source)
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise BadSettings(_explain(error, path, text, said, by_variable)) from None


def _file(path: Path, *, must: bool) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if must:
            raise BadSettings(f"{path}: there is no such file; without --config the defaults hold") from None
        return "", {}
    except OSError as error:
        raise BadSettings(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadSettings(f"{path}: not UTF-8 (byte {error.start + 1}): save it as UTF-8 text") from None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path}: not TOML: {error}") from None


def _environment(told: Mapping[str, str]) -> dict[str, Any]:
    """What variables say, typed as far as JSON types go; one that no setting has is refused."""
    ours = {name: value for name, value in told.items() if name.upper().startswith(PREFIX)}
    for name in ours:
        first = name[len(PREFIX) :].split("__", 1)[0].lower()
        if first not in Settings.model_fields:
            raise BadSettings(
                f"environment: {name}: no such setting; there are: {', '.join(Settings.model_fields)}"
            )
    source = EnvSettingsSource(Settings, case_sensitive=False)
    source.env_vars = {name.lower(): value for name, value in ours.items()}
    try:
        return source()
    except Exception as error:  # pydantic-settings wraps what json.loads says in a class of its own
        raise BadSettings(f"environment: {one_line(str(error))}") from None


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for name, value in above.items():
        known = result.get(name)
        both = isinstance(value, Mapping) and isinstance(known, Mapping)
        result[name] = _over(known, value) if both and isinstance(known, Mapping) else value
    return result


def _explain(
    error: ValidationError, path: Path, text: str, said: Mapping[str, Any], by_variable: Mapping[str, Any]
) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        at = tuple(problem["loc"])
        name = ".".join(map(str, at))
        what = (
            _unknown(name)
            if problem["type"] == "extra_forbidden"
            else problem["msg"].removeprefix("Value error, ")
        )
        if _has(by_variable, at):
            where = f"environment {PREFIX}{'__'.join(str(step).upper() for step in at)}"
        elif _has(said, at):
            where = f"{path}:{line_of(text, at)}"
        else:
            where = "option"
        lines.append(f"{where}: {one_line(name)}: {what}")
    return "; ".join(lines)


def _unknown(name: str) -> str:
    known: list[str] = []
    for section, field in Settings.model_fields.items():
        below = getattr(field.annotation, "model_fields", None)
        known += [section, *(f"{section}.{setting}" for setting in below or ())]
    near = get_close_matches(name, known, n=1)
    near += [other for other in known if other.rpartition(".")[2] == name and other not in near]
    meant = f"did you mean {' or '.join(near)}?" if near else "docs/service.md lists them"
    return f"no such setting; {meant}"


def _has(tree: Any, at: tuple[str | int, ...]) -> bool:  # noqa: ANN401
    for step in at:
        inside = (
            step in tree
            if isinstance(tree, Mapping)
            else isinstance(tree, list | tuple) and step in range(len(tree))
        )
        if not inside:
            return False
        tree = tree[step]
    return True
