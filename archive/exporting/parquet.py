"""Parquet: one file a table, typed, for DuckDB, pandas, polars and Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import UsageError
from archive.exporting.cells import number, plain
from archive.exporting.source import Page, Row
from archive.exporting.tables import REPORTS, Kind, Table
from archive.exporting.target import FileEntry, HashedFile
from archive.exporting.writers import Options

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_ROWS = 50_000
GROUP_CHARACTERS = 4 << 20
"""Rows, or characters of text, that make a row group: what is held in memory at once."""


class ParquetWriter:
    """Writes ``TABLE.parquet`` for each table."""

    def __init__(self, folder: Path, tables: Sequence[Table], options: Options) -> None:
        del options  # Parquet has none
        try:
            import pyarrow
        except ModuleNotFoundError as error:
            raise UsageError(
                "Parquet needs one more package: pip install 'fazhi-archive[parquet]' (pyarrow)"
            ) from error
        self.made_with: Mapping[str, str] = {"pyarrow": pyarrow.__version__}
        self._tables = tables
        self._files = {table.name: _File(folder, table) for table in tables}

    def add(self, page: Page) -> None:
        """Collects rows; full row groups are written."""
        for table in self._tables:
            rows = page.reports if table is REPORTS else [row for _, row in page.rows[table.name]]
            self._files[table.name].add(rows)

    def finish(self) -> list[FileEntry]:
        """Writes what is left and the file's end."""
        return [self._files[table.name].finish() for table in self._tables]


class _File:
    def __init__(self, folder: Path, table: Table) -> None:
        import pyarrow.parquet as pq

        self._table = table
        self._schema = _schema(table)
        self._file = HashedFile(folder, f"{table.name}.parquet")
        self._writer: Any = pq.ParquetWriter(
            self._file, self._schema, compression="zstd", compression_level=3, version="2.6"
        )
        self._waiting: list[Row] = []
        self._characters = 0
        self._rows = 0

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._waiting.append(row)
            self._characters += sum(len(value) for value in row.values() if isinstance(value, str))
            if len(self._waiting) >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
                self._write()

    def finish(self) -> FileEntry:
        if self._waiting or not self._rows:
            self._write()
        self._writer.close()
        return self._file.entry(self._rows)

    def _write(self) -> None:
        import pyarrow as pa

        columns = [
            pa.array([_value(row[column.name], column.kind) for row in self._waiting], type=field.type)
            for column, field in zip(self._table.columns, self._schema, strict=True)
        ]
        group = pa.Table.from_arrays(columns, schema=self._schema)
        self._writer.write_table(group, row_group_size=max(1, len(self._waiting)))
        self._rows += len(self._waiting)
        self._waiting, self._characters = [], 0


def _value(value: Any, kind: Kind) -> Any:  # noqa: ANN401
    if value is None or kind is Kind.TIME or kind is Kind.DATE:
        return value
    return float(number(value)) if kind is Kind.NUMBER else plain(value, kind, nested=False)


def _schema(table: Table) -> pa.Schema:
    import pyarrow as pa

    types = {
        Kind.INTEGER: pa.int64(),
        Kind.TEXT: pa.string(),
        Kind.DATE: pa.date32(),
        Kind.TIME: pa.timestamp("us", tz="UTC"),
        Kind.NUMBER: pa.float64(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.JSON: pa.string(),
    }
    return pa.schema([pa.field(column.name, types[column.kind]) for column in table.columns])
