"""The five seed reports as the replicas serve them, and what an archive must make of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SHARED = (Path(__file__).parents[2] / ".." / "shared").resolve()

FILES = {
    "beichen": "000_qingyuan_2023.txt",
    "dongli": "001_huaxin_2022.txt",
    "wuqing": "002_yangcun_2024.txt",
    "weidu": "003_xiguan_2023.txt",
    "nanan": "004_haitangxi_2023.txt",
}
"""Site key to file name."""


@dataclass(frozen=True, kw_only=True)
class SeedExpectation:
    """What the archive must hold after a crawl of the seed's portal."""

    site: str
    """Key of the portal."""
    url: str
    """Address a person would open."""
    title: str
    report_year: int
    publishers: tuple[str, ...]
    """Roster names."""
    published: datetime
    """As the page says it, local time of the portal."""
    source: str
    """Issuer as printed."""

    @property
    def body(self) -> str:
        """The text the archive must hold, up to NFKC and white space."""
        return seed_body(self.site)


def seeds_present() -> bool:
    """True if the seed texts lie beside the checkout."""
    return all((SHARED / "seeds" / name).is_file() for name in FILES.values())


def seed_text(site: str) -> str:
    """The seed file of a portal as it is.

    Raises:
        FileNotFoundError: the seeds are not beside this checkout.
    """
    return (SHARED / "seeds" / FILES[site]).read_text(encoding="utf-8")


def seed_body(site: str) -> str:
    """The body of a seed: the whole file, but for 001, which was copied with its page's furniture.

    There the title, the publish line and 字号 stand above the body, everything from 扫一扫 on below it.
    """
    text = seed_text(site)
    if site != "dongli":
        return text
    return text.partition("字号:")[2].partition("扫一扫在手机打开当前页")[0]


def seed_paragraphs(site: str) -> tuple[str, ...]:
    """The body line by line, empty lines included."""
    return tuple(seed_body(site).strip("\n\xa0 ").split("\n"))
