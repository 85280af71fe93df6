"""Messages on their way: a file, and everything apprise knows (WeCom, DingTalk, Feishu, mail, webhook)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from archive.clock import Clock
from archive.incidents import IncidentStore, Message
from scheduler.errors import ExtraMissing
from scheduler.season import CHINA

if TYPE_CHECKING:
    from pydantic import SecretStr

log = structlog.get_logger(__name__)

FILE = "file"
"""Name of the file among the targets."""
FIRST_WAIT, MOST_WAIT = timedelta(minutes=1), timedelta(hours=6)

Send = Callable[[str, Message], str | None]
"""Sends a message to an address; the answer says what went wrong, None: nothing did."""


def by_apprise(address: str, message: Message) -> str | None:
    """Sends a message with apprise.

    Raises:
        ExtraMissing: apprise is not installed.
    """
    try:
        import apprise
    except ModuleNotFoundError as error:
        raise ExtraMissing("messages need one more package: pip install 'fazhi-archive[alerts]'") from error
    post = apprise.Apprise()
    if not post.add(address):
        return "apprise does not know this kind of address"
    said: list[str] = []
    handler = _Collect(said)
    logger = logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        # Mail shows HTML, chats show text: apprise turns one into the other where it must.
        html = message.html if address.startswith("mailto") else None
        form = apprise.NotifyFormat.HTML if html else apprise.NotifyFormat.TEXT
        taken = post.notify(title=message.title, body=html or message.body, body_format=form)
    finally:
        logger.removeHandler(handler)
    return None if taken else (said[-1] if said else "it was not taken")


class _Collect(logging.Handler):
    """Keeps what apprise says of a failure; its addresses stay out of it: apprise hides their secrets itself."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one line."""
        self._said.append(record.getMessage())


class Delivery:
    """Empties the outbox as far as targets take messages; each target by itself.

    Args:
        store: The outbox.
        targets: Name → address.
        file: A file to which messages are appended; None: none.
        clock: The time (UTC).
        give_up: A message that could not be delivered for so long is given up.
        send: Sends one message.
    """

    def __init__(
        self,
        store: IncidentStore,
        targets: Mapping[str, SecretStr],
        file: Path | None,
        *,
        clock: Clock,
        give_up: timedelta,
        send: Send = by_apprise,
    ) -> None:
        self._store = store
        self._targets = targets
        self._file = file
        self._clock = clock
        self._give_up = give_up
        self._send = send

    @property
    def names(self) -> tuple[str, ...]:
        """All targets."""
        return (*self._targets, *((FILE,) if self._file is not None else ()))

    def deliver(self) -> int:
        """Tries every message whose time has come, in their order; returns how many were taken.

        A target that fails is left alone until its next time: later messages do not overtake earlier ones.
        """
        taken = 0
        failing: set[str] = set()
        for message in self._store.undelivered():
            if message.target in failing:
                continue
            why = self._try(message)
            if why is None:
                self._store.delivered(message.id)
                taken += 1
                continue
            failing.add(message.target)
            now = self._clock()
            wait = min(MOST_WAIT, FIRST_WAIT * 2 ** min(message.attempts, 20))
            over = now - message.created > self._give_up
            self._store.failed(message.id, why, next_try=None if over else now + wait)
            log.error(
                "message not delivered", target=message.target, title=message.title, why=why, given_up=over
            )
        return taken

    def _try(self, message: Message) -> str | None:
        if message.target == FILE:
            return None if self._file is None else self.append(self._file, message)
        address = self._targets.get(message.target)
        if address is None:
            return "no target of this name is in the settings any more"
        return self._send(address.get_secret_value(), message)

    @staticmethod
    def append(file: Path, message: Message) -> str | None:
        """Appends a message to a file; returns what went wrong."""
        stamp = f"{message.created.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        try:
            with file.open("a", encoding="utf-8") as out:
                out.write(f"== {stamp}  {message.title}\n{message.body}\n")
        except OSError as error:
            return f"{file}: {error.strerror}"
        return None
