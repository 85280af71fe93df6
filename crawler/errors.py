"""What a user of the crawler can have done wrong, each with its words and exit code."""

from __future__ import annotations


class CrawlerError(Exception):
    """Root of the crawler's exceptions; ``str()`` is one clear line that names the next step."""

    exit_code: int = 1


class UnknownSite(CrawlerError):
    """``--site`` matches no portal, or more than one."""

    exit_code = 2


class BadSiteFile(CrawlerError):
    """A site declaration that cannot be used; names file, line and key."""

    exit_code = 2


class BadSeeds(CrawlerError):
    """The seed tables are missing or damaged."""

    exit_code = 2


class OcrUnavailable(CrawlerError):
    """``--ocr`` without the extra ``ocr``."""

    exit_code = 2


class BrowserUnavailable(CrawlerError):
    """A site whose lists need a browser, without the extra ``browser`` or without a Chromium."""

    exit_code = 2


class BadRecording(CrawlerError):
    """A WARC, WACZ or mirrored folder that cannot be used; names file and reason."""

    exit_code = 2


class OutsideWindow(CrawlerError):
    """The portal may be asked only at other hours."""

    exit_code = 3


class BadTarget(CrawlerError):
    """``crawler probe`` was given what is no portal's address, or one it may not ask."""

    exit_code = 2


class NotKept(CrawlerError):
    """``crawler probe --write`` does not write: a file is in the way, or there is nothing to keep."""

    exit_code = 2
