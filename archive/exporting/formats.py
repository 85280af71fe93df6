"""The formats of a folder of tables or texts."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """How a folder of tables is written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    TEXT = "text"
    SQLITE = "sqlite"
