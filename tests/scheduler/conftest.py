"""An empty archive in a file, copied from one that was made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from archive.database import open_archive
from tests.conftest import empty_archive


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    path.write_bytes(empty_archive())
    return path


@pytest.fixture
def engine(database: Path) -> Iterator[Engine]:
    engine = open_archive(str(database))
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Logs of a played service say nothing to a reader of test results."""
    import structlog

    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()
