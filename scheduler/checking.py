"""``scheduler check``: what is wrong before the service is started, all of it at once."""

from __future__ import annotations

import importlib.util
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from archive.errors import ArchiveError
from archive.incidents import Message
from crawler.errors import CrawlerError
from crawler.identity import CONTACT
from scheduler.delivery import FILE, Delivery, by_apprise
from scheduler.portals import Portals

if TYPE_CHECKING:
    from scheduler.settings import Settings


def check_all(settings: Settings, *, test_message: bool = False) -> tuple[dict[str, Any], list[str]]:
    """Looks at everything the service will need.

    Args:
        settings: They were read: unknown keys and wrong types were refused before.
        test_message: Also send a message to every target.

    Returns:
        What is set, without secrets, and what is wrong, a line each.
    """
    problems: list[str] = []
    found: dict[str, Any] = {"settings": settings.shown()}
    try:
        portals = Portals.load(seeds=settings.seeds, only=settings.only)
    except CrawlerError as error:
        problems.append(str(error))
    else:
        found["portals"] = len(portals.by_key)
        problems += portals.broken.values()
    found["archive"] = _archive(settings, problems)
    if not os.environ.get(CONTACT):
        problems.append(f"{CONTACT} is not set: portals cannot reach you; put your address in it")
    for module, extra, wanted in (
        ("apprise", "alerts", bool(settings.alarms.targets)),
        ("prometheus_client", "metrics", settings.health.port is not None),
    ):
        if wanted and importlib.util.find_spec(module) is None:
            problems.append(f"{module} is not installed: pip install 'fazhi-archive[{extra}]'")
    if not settings.alarms.targets and settings.alarms.file is None:
        problems.append("alarms: nobody is told of trouble: set alarms.file or alarms.targets")
    if settings.alarms.file is not None and not settings.alarms.file.resolve().parent.is_dir():
        problems.append(f"alarms.file: the folder {settings.alarms.file.resolve().parent} does not exist")
    if test_message:
        problems += _messages(settings)
    return found, problems


def _archive(settings: Settings, problems: list[str]) -> str | None:
    from archive.database import open_archive, place

    try:
        engine = open_archive(settings.database)
    except ArchiveError as error:
        problems.append(str(error))
        return None
    where = place(engine)
    engine.dispose()
    return where


def _messages(settings: Settings) -> list[str]:
    message = Message(
        id=0,
        key="test",
        target="",
        title="[fazhi] a test",
        body="This message was sent by `scheduler check --test-message`.",
        html=None,
        created=datetime.now(UTC),
        next_try=None,
        attempts=0,
        delivered=None,
        last_error=None,
    )
    problems = []
    for name, address in settings.alarms.targets.items():
        why = by_apprise(address.get_secret_value(), message)
        if why is not None:
            problems.append(f"alarms.targets.{name}: {why}")
    if settings.alarms.file is not None:
        why = Delivery.append(settings.alarms.file, message)
        if why is not None:
            problems.append(f"alarms.{FILE}: {why}")
    return problems
