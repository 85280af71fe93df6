"""Fixtures that run replicas: ``pytest_plugins = ["tests.portals.fixtures"]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import pytest

from tests.portals.base import Replica
from tests.portals.beichen import Beichen
from tests.portals.dongli import Dongli
from tests.portals.nanan import Nanan
from tests.portals.proxy import ReplicaServer
from tests.portals.real import Real, real_present
from tests.portals.seeds import seeds_present
from tests.portals.weidu import Weidu
from tests.portals.wuqing import Wuqing

REPLICAS: dict[str, type[Replica]] = {
    portal.key: portal for portal in (Beichen, Dongli, Wuqing, Weidu, Nanan)
}
"""Site key to replica."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A replica and the server it runs on."""

    portal: Replica
    server: ReplicaServer


@dataclass(frozen=True, kw_only=True)
class RunningReal:
    """The real pages and the server they run on."""

    portal: Real
    server: ReplicaServer


def started(stack: ExitStack, key: str) -> Running:
    """A replica, running until the stack is left. Skips where the seed texts are absent."""
    if not seeds_present():
        pytest.skip("../shared/seeds is not beside this checkout")
    portal = REPLICAS[key]()
    return Running(portal=portal, server=stack.enter_context(ReplicaServer(portal)))


@pytest.fixture
def replica() -> Iterator[Callable[[str], Running]]:
    """Starts replicas by site key; they stop with the test. Skips where the seed texts are absent."""
    with ExitStack() as stack:
        yield partial(started, stack)


@pytest.fixture
def real_replica() -> Iterator[RunningReal]:
    """The real pages at their own URLs. Skips where they are absent."""
    if not real_present():
        pytest.skip("../shared/eval and ../shared/pages are not beside this checkout")
    portal = Real()
    with ReplicaServer(portal) as server:
        yield RunningReal(portal=portal, server=server)
