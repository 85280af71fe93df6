"""What Datasette tells its readers about the slim database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.exporting.tables import Table

LICENCE = "Documents of state organs; the layout of their pages is not included"
SEARCH = (
    "The search box finds words of three and more characters (行政复议); for shorter ones filter the column "
    "with “contains” (复议): text LIKE '%复议%'."
)
DESCRIPTIONS = {
    "reports": "One row per report: a publisher's report for a year, as it stands today.",
    "documents": "One row per URL at which a report, or a file beside one, stands or stood.",
    "report_versions": f"One row per text that stood at a URL. {SEARCH}",
    "report_sections": "Sections of the current texts, one row per section and standard part.",
    "report_figures": "Counted facts of the current texts, each with its sentence.",
    "captures": "What was fetched, when and from where, with the SHA-256 of the bytes as received.",
    "changes": "What happened to these reports, in the order in which the archive recorded it.",
}
COLUMNS = {
    "citation": "How to cite it, in the order of GB/T 7714",
    "archived_at": "When the bytes behind the text were fetched (UTC)",
    "text_sha256": "SHA-256 of the normalised text",
    "payload_sha256": "SHA-256 of the bytes as received",
    "url": "Address",
    "year": "The year reported on",
    "published": "Date as printed on the page",
}


def datasette_metadata(tables: Sequence[Table]) -> dict[str, Any]:
    """The contents of ``metadata.json``: titles, licence note, source, tables and columns."""
    return {
        "title": "法治政府建设年度报告",
        "description": "Yearly reports on rule-of-law government in China, kept from the portals' own pages.",
        "license": LICENCE,
        "source": "Portals of the People's Republic of China's governments; every row names its URL",
        "databases": {
            "reports": {
                "description": SEARCH,
                "tables": {
                    table.name: {
                        "description": DESCRIPTIONS[table.name],
                        "columns": {
                            column.name: COLUMNS[column.name]
                            for column in table.columns
                            if column.name in COLUMNS
                        },
                        **({"label_column": "title"} if table.name in {"reports", "documents"} else {}),
                    }
                    for table in tables
                },
            }
        },
    }
