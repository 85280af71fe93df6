"""The one door to the readers: chooses by the bytes, keeps the limits, types what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crawler.extract.charset import decode
from crawler.extract.documents import doc, docx, kinds, lines, ofd, pdf, rtf, xlsx
from crawler.extract.documents.model import (
    DEFAULT,
    Budget,
    Content,
    DocumentReading,
    Fault,
    Limits,
    Unreadable,
)
from crawler.extract.documents.package import Package, label

VERSION = "2"
"""Of all readers together: raised when one of them reads the same bytes differently."""
DOCUMENTS = frozenset({kinds.PDF, kinds.DOCX, kinds.DOC, kinds.OFD, kinds.RTF, kinds.XLSX, kinds.ZIP})
"""Kinds that can be read."""
_SMALL = 16
"""Bytes: less is the answer of a server whose file is gone (2 bytes, CR LF, seen on real portals)."""
_FOREIGN = {
    kinds.WPS: "WPS",
    kinds.XLS: "XLS",
    kinds.PPT: "PPT",
    kinds.PPTX: "PPTX",
    kinds.OLE: "a compound file of an unknown program",
    "rar": "RAR",
    "7z": "7Z",
    "gzip": "GZIP",
    "mhtml": "MHTML",
    "xml": "XML",
}
_READERS: dict[str, Callable[[bytes, Budget], Content]] = {
    kinds.PDF: pdf.read,
    kinds.DOCX: docx.read,
    kinds.DOC: doc.read,
    kinds.OFD: ofd.read,
    kinds.RTF: rtf.read,
    kinds.XLSX: xlsx.read,
}
# One program's name for what another wrote: no contradiction worth a warning.
_KIN = ({kinds.DOC, kinds.RTF}, {kinds.ZIP, kinds.DOCX}, {kinds.ZIP, kinds.OFD}, {kinds.ZIP, kinds.XLSX})


def read(
    body: bytes, *, name: str | None = None, declared: str | None = None, limits: Limits = DEFAULT
) -> DocumentReading:
    """Reads a document; never raises for anything the bytes hold.

    Args:
        body: The file as received.
        name: Its name or address; says nothing about the type but what it claims.
        declared: The Content-Type header as sent.
        limits: How far to go.
    """
    return _read(body, name, declared, Budget(limits), 0)


def _read(body: bytes, name: str | None, declared: str | None, budget: Budget, depth: int) -> DocumentReading:
    kind = kinds.UNKNOWN
    members: list[DocumentReading] = []
    try:
        if len(body) > budget.limits.bytes:
            raise Unreadable(Fault.TOO_LARGE, f"{len(body)} bytes, more than {budget.limits.bytes}")  # noqa: TRY301
        kind = kinds.by_bytes(body)
        content = _content(kind, body, name, declared, budget, depth, members)
        if len(content.text) > budget.limits.text:
            raise Unreadable(Fault.TOO_LARGE, f"more than {budget.limits.text} characters")  # noqa: TRY301
    except Unreadable as error:
        detail = str(error).removeprefix(str(error.fault)).removeprefix(": ")
        content = Content(text="", fault=error.fault, detail=detail)
    except (MemoryError, RecursionError) as error:
        content = Content(text="", fault=Fault.TOO_LARGE, detail=type(error).__name__)
    except Exception as error:  # a file that fools a reader costs its reading, never the crawl
        content = Content(text="", fault=Fault.DAMAGED, detail=f"{type(error).__name__}: {str(error)[:120]}")
    content = _judged(content, kind, members)
    return DocumentReading(
        kind=kind,
        declared=kinds.by_declaration(declared),
        name_kind=kinds.by_name(name),
        name=name,
        text=content.text,
        pages=content.pages,
        scanned_pages=content.scanned_pages,
        warnings=(*_contradictions(kind, name, declared), *content.warnings),
        fault=content.fault,
        error=_error(content),
        members=tuple(members),
    )


def _error(content: Content) -> str | None:
    if content.fault is None:
        return None
    return f"{content.fault}: {content.detail}" if content.detail else str(content.fault)


def _content(
    kind: str,
    body: bytes,
    name: str | None,
    declared: str | None,
    budget: Budget,
    depth: int,
    members: list[DocumentReading],
) -> Content:
    if kind == kinds.EMPTY or len(body) < _SMALL:
        raise Unreadable(Fault.EMPTY, f"{len(body)} bytes: a dead attachment")
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(body, budget)
    if kind == kinds.ZIP:
        return _archive(body, budget, depth, members)
    if kind == kinds.IMAGE:
        note = "a picture: its writing was not read"
        return Content(text="", pages=1, scanned_pages=1, warnings=(note,))
    if kind == kinds.TEXT and kinds.TEXT in (kinds.by_name(name), kinds.by_declaration(declared)):
        return _plain(body)
    if kind == kinds.OLE and not kinds.is_whole_compound(body):
        raise Unreadable(Fault.DAMAGED, "a compound file without its directory: it is cut")
    if kind in _FOREIGN:
        raise Unreadable(Fault.UNREADABLE, _FOREIGN[kind])
    if kind == kinds.UNKNOWN and kinds.WPS in (kinds.by_name(name), kinds.by_declaration(declared)):
        raise Unreadable(Fault.UNREADABLE, "WPS")
    what = {kinds.HTML: "a web page", kinds.TEXT: "plain text"}.get(kind, "bytes of no known format")
    raise Unreadable(Fault.NO_DOCUMENT, what)


def _plain(body: bytes) -> Content:
    decoded = decode(body)
    found = [lines.paragraph(line) for line in decoded.text.splitlines()]
    return Content(text=lines.joined(found), warnings=decoded.warnings)


def _archive(body: bytes, budget: Budget, depth: int, members: list[DocumentReading]) -> Content:
    """The members in order. What one of them is, is its own result; a limit that is passed ends them all."""
    if depth >= budget.limits.depth:
        raise Unreadable(Fault.BOMB, f"archives within archives, {budget.limits.depth} deep")
    with Package(body, budget) as package:
        for entry in package.entries:
            budget.tick()
            named = label(entry)
            if named.startswith("__MACOSX/") or named.rpartition("/")[2] in (".DS_Store", "Thumbs.db"):
                continue
            try:
                inner = package.inflate(entry, budget.limits.bytes)
            except Unreadable as error:
                if error.fault in (Fault.BOMB, Fault.TOO_LARGE):
                    raise
                members.append(_failed(named, error))
                continue
            member = _read(inner, named, None, budget, depth + 1)
            members.append(member)
            if member.fault is Fault.BOMB:
                raise Unreadable(Fault.BOMB, f"its member {named[:80]}")
    if not members:
        raise Unreadable(Fault.EMPTY, "an archive without files")
    faulty = sum(member.fault is not None for member in members)
    if all(member.fault is Fault.ENCRYPTED for member in members):
        raise Unreadable(Fault.ENCRYPTED, "all its files need a password")
    note = (f"{faulty} of {len(members)} files could not be read whole",) if faulty else ()
    scanned = sum(member.scanned_pages for member in members)
    return Content(text="", scanned_pages=scanned, warnings=note)


def _failed(name: str, error: Unreadable) -> DocumentReading:
    return DocumentReading(
        kind=kinds.UNKNOWN,
        declared=None,
        name_kind=kinds.by_name(name),
        name=name,
        text="",
        pages=None,
        scanned_pages=0,
        warnings=(),
        fault=error.fault,
        error=str(error),
        members=(),
    )


def _judged(content: Content, kind: str, members: list[DocumentReading]) -> Content:
    """A document that was read without a complaint and holds nothing is empty, which is a fault of its own."""
    if content.fault is None and not content.text.strip() and not content.scanned_pages and not members:
        return replace(content, fault=Fault.EMPTY, detail=f"a {kind} file without text or pictures")
    return content


def _contradictions(kind: str, name: str | None, declared: str | None) -> list[str]:
    if kind in (kinds.UNKNOWN, kinds.EMPTY):
        return []
    notes = []
    named, said = kinds.by_name(name), kinds.by_declaration(declared)
    for claim, where in ((named, "named"), (said, "declared as")):
        if claim is None or claim == kind or {claim, kind} in _KIN:
            continue
        what = (
            "a Word document" if kind in (kinds.DOC, kinds.DOCX) and claim == kinds.WPS else f"a {kind} file"
        )
        notes.append(f"{what} {where} {claim}")
    return notes
