"""Processes of ``writer`` that are killed at a chosen moment, and what is known of their end."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, TextIO

from tests.archive.storms import writer

SOON = 0.004
"""Longest wait after a phase began, in seconds: about as long as the phases take."""

_nursery = get_context("forkserver")
_nursery.set_forkserver_preload(["tests.archive.storms.preloaded"])


@dataclass
class Life:
    """One process from its start to its end."""

    process: Any
    told: TextIO
    lines: list[str] = field(default_factory=list)

    def read_until(self, phase: str, times: int) -> bool:
        """Reads until a phase has begun so many times; False if the process ended first."""
        for line in self.told:
            self.lines.append(line.strip())
            times -= self.lines[-1] == f"+{phase}"
            if not times:
                return True
        return False

    def end(self) -> None:
        self.lines += self.told.read().splitlines()
        self.told.close()
        self.process.join()

    @property
    def exit_code(self) -> int:
        return int(self.process.exitcode)

    @property
    def died_in(self) -> str:
        """The innermost phase that had begun and not ended."""
        if not self.lines:
            return "starting"
        phases = ["between"]
        for line in self.lines:
            if line.startswith("+"):
                phases.append(line[1:])
            elif line.startswith("-"):
                phases.remove(line[1:])
        return phases[-1]

    @property
    def done(self) -> set[str]:
        return {line[1:] for line in self.lines if line.startswith("=")}

    @property
    def complaints(self) -> list[str]:
        """Whatever it said beside its progress: a warning, an error, a traceback."""
        return [line for line in self.lines if line[:1] not in {"+", "-", "="}]


def begin(url: str, *work: object, what: Callable[..., None] = writer.live) -> Life:
    """Starts a process: a writer, unless something else is to live."""
    ours, theirs = _nursery.Pipe(duplex=False)
    process = _nursery.Process(target=what, args=(theirs, url, *work), daemon=True)
    process.start()
    theirs.close()
    told = os.fdopen(os.dup(ours.fileno()), encoding="utf-8")
    ours.close()
    return Life(process, told)


def finish(url: str, *work: object) -> Life:
    """Lets a process do its work to the end."""
    life = begin(url, *work)
    life.end()
    assert (life.exit_code, life.complaints) == (0, []), life.complaints
    return life


@dataclass
class Storm:
    """Lives of writers, ended by ``kill -9``; counts where they ended."""

    url: str
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    """By the phase in which the process died."""
    acknowledged: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    ended: int = 0
    """Processes that were through with their work before they could be killed."""

    def hit(self, *phases: str, times: int = 3) -> bool:
        """Did so many die in each of these phases?"""
        return all(self.kills[phase] >= times for phase in phases)

    def kill(self, *works: tuple[object, ...], phase: str | None = None, most: int = 3) -> None:
        """Starts a process for each work and kills all at one moment.

        Args:
            works: arguments of ``writer.live``.
            phase: the first process is killed when it has begun this; None: at any time.
            most: the first to ``most``-th time that it begins it.
        """
        lives = [begin(self.url, *work) for work in works]
        if phase is None:
            time.sleep(self.chance.uniform(0.02, 0.5))
        elif lives[0].read_until(phase, self.chance.randint(1, most)):
            time.sleep(self.chance.uniform(0, SOON))
        for life in lives:
            life.process.kill()
        for life in lives:
            life.end()
            self.acknowledged |= life.done
            self.complaints += life.complaints
            if life.exit_code == -signal.SIGKILL:
                self.kills[life.died_in] += 1
            else:
                self.ended += 1
