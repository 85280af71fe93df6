"""Coverage for programs: CSV, a row for each cell, and JSON, the whole answer."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import Any

from archive.coverage_cells import Cell, CellState, Counts, Coverage, Place, Row
from archive.exporting.cells import guard, signs

COLUMNS = (
    "province",
    "city",
    "county",
    "portal",
    "body",
    "code",
    "name",
    "level",
    "year",
    "state",
    "timeliness",
    "published",
    "reason",
    "report_id",
    "url",
    "title",
    "first_seen",
    "last_seen",
    "gone_since",
    "joint_with",
    "reports",
    "run_id",
    "since",
    "quarantine_ids",
    "document_ids",
)


def to_csv(found: Coverage, states: frozenset[CellState]) -> str:
    """A line for each cell that is in one of the states; no text in it runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for place in found.places:
        for row in place.rows:
            for cell in row.cells:
                if cell is not None and cell.state in states:
                    writer.writerow([_safe(value) for value in _line(place, row, cell)])
    return out.getvalue()


def _line(place: Place, row: Row, cell: Cell) -> list[object]:
    first = cell.reports[0] if cell.reports else None
    return [
        place.province,
        place.city,
        place.county,
        place.portal_key,
        row.body,
        row.code,
        row.name,
        row.level,
        cell.year,
        cell.state,
        cell.timeliness,
        first and first.published,
        cell.reason,
        first and first.report_id,
        first and first.url,
        first and first.title,
        first and first.first_seen.isoformat(),
        first and first.last_seen.isoformat(),
        first and first.gone_since and first.gone_since.isoformat(),
        "、".join(first.joint_with) if first else None,
        len(cell.reports),
        cell.run_id,
        cell.since and cell.since.isoformat(),
        " ".join(map(str, cell.quarantine_ids)),
        " ".join(map(str, cell.document_ids)),
    ]


def _safe(value: object) -> object:
    if value is None or isinstance(value, int):
        return value
    return guard(signs(" ".join(str(value).split())))


def to_json(found: Coverage, states: frozenset[CellState]) -> dict[str, Any]:
    """The whole answer; of each body the cells that are in one of the states."""
    return {
        "years": list(found.years),
        "today": found.today,
        "counts": _counts(found.counts),
        "places": [
            {
                "place": place.place,
                "name": place.name,
                "province": place.province,
                "city": place.city,
                "county": place.county,
                "portal": place.portal_key,
                "counts": _counts(place.counts),
                "bodies": [_body(row, states) for row in place.rows],
            }
            for place in found.places
        ],
        "strangers": [asdict(stranger) for stranger in found.strangers],
        "unassigned": [asdict(evidence) for evidence in found.unassigned],
    }


def _body(row: Row, states: frozenset[CellState]) -> dict[str, Any]:
    return {
        "body": row.body,
        "code": row.code,
        "name": row.name,
        "level": row.level,
        "kind": row.kind,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "dropped": row.dropped,
        "cells": [asdict(cell) for cell in row.cells if cell is not None and cell.state in states],
        "year_unknown": [asdict(evidence) for evidence in row.undated_year],
    }


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "by_state": dict(counts.by_state),
        "due": counts.due,
        "standing": counts.standing,
        "on_time": counts.on_time,
        "share_on_time": counts.share_on_time,
    }
