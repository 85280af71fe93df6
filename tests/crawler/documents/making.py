"""The workshop: what the makers of the corpus share."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Case:
    """One file and what a perfect reading of it gives."""

    name: str
    body: bytes
    kind: str
    form: str = "digital"
    """``digital``, ``scanned``, ``mixed`` or ``none``."""
    lines: Sequence[str] = ()
    """The text, one paragraph a line; of a mixed file the digital part."""
    exact_lines: bool = True
    """False where the format does not say where paragraphs end."""
    pages: int | None = None
    scanned_pages: int = 0
    fault: str | None = None
    warning: str | None = None
    """A part of a warning that must be there."""
    members: Sequence[tuple[str, str]] = ()
    """For archives: label and kind of each member."""
    extra: dict[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """For the list."""
        entry = {key: value for key, value in asdict(self).items() if key not in ("body", "extra")}
        return {**entry, "lines": list(self.lines), **self.extra}


class Workshop:
    """Tools that are not part of the project."""

    def __init__(self, font: Path) -> None:
        self.font = font
        self._count = 0

    def convert(self, body: bytes, suffix: str, target: str) -> bytes:
        """Has LibreOffice open a file and save it as another."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / f"source{suffix}"
            source.write_bytes(body)
            out = Path(folder) / "out"
            subprocess.run(
                [
                    "soffice",
                    f"-env:UserInstallation=file://{folder}/profile",
                    "--headless",
                    "--convert-to",
                    target,
                    "--outdir",
                    str(out),
                    str(source),
                ],
                check=True,
                capture_output=True,
                timeout=180,
            )
            (made,) = out.iterdir()
            return made.read_bytes()
