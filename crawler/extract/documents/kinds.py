"""The type of a file: by its bytes, by its name, by its declaration. The bytes decide."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
import zlib
from email.message import Message
from pathlib import PurePosixPath

import olefile

PDF, DOCX, DOC, OFD, RTF, XLSX, ZIP = "pdf", "docx", "doc", "ofd", "rtf", "xlsx", "zip"
HTML, TEXT, IMAGE, EMPTY, UNKNOWN = "html", "text", "image", "empty", "unknown"
OLE = "ole"
"""A compound file whose streams do not say whose it is."""
WPS, XLS, PPT, PPTX = "wps", "xls", "ppt", "pptx"

_SUFFIXES = {
    "pdf": PDF,
    "doc": DOC,
    "dot": DOC,
    "docx": DOCX,
    "docm": DOCX,
    "wps": WPS,
    "wpt": WPS,
    "ofd": OFD,
    "rtf": RTF,
    "xlsx": XLSX,
    "xlsm": XLSX,
    "xls": XLS,
    "et": XLS,
    "ppt": PPT,
    "pptx": PPTX,
    "zip": ZIP,
    "rar": "rar",
    "7z": "7z",
    "gz": "gzip",
    "htm": HTML,
    "html": HTML,
    "shtml": HTML,
    "mht": "mhtml",
    "mhtml": "mhtml",
    "txt": TEXT,
    "jpg": IMAGE,
    "jpeg": IMAGE,
    "png": IMAGE,
    "gif": IMAGE,
    "bmp": IMAGE,
    "tif": IMAGE,
    "tiff": IMAGE,
    "webp": IMAGE,
}
_MEDIA_TYPES = {
    "application/pdf": PDF,
    "application/x-pdf": PDF,
    "application/msword": DOC,
    "application/vnd.ms-word": DOC,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": DOCX,
    "application/kswps": WPS,
    "application/vnd.ms-works": WPS,
    "application/wps-office.wps": WPS,
    "application/wps-office.doc": DOC,
    "application/wps-office.docx": DOCX,
    "application/ofd": OFD,
    "application/x-ofd": OFD,
    "application/rtf": RTF,
    "text/rtf": RTF,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": XLSX,
    "application/vnd.ms-excel": XLS,
    "application/vnd.ms-powerpoint": PPT,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": PPTX,
    "application/zip": ZIP,
    "application/x-zip-compressed": ZIP,
    "application/x-rar-compressed": "rar",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/gzip": "gzip",
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "multipart/related": "mhtml",
    "text/plain": TEXT,
}
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of a compound file: a binary Office file, or a new one under a password."""
_MAGIC = (
    (OLE_MAGIC, OLE),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"{\\rt", RTF),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG\r\n\x1a\n", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"BM", IMAGE),
    (b"II*\x00", IMAGE),
    (b"MM\x00*", IMAGE),
)
# Servers put blank lines, a byte order mark or the end of a script's output before the file.
_SLACK = 1024
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|meta|title|div|p|table|iframe)\b", re.I)
_MHTML = re.compile(rb"^(?:MIME-Version:|From: <|Content-Type: multipart/related)", re.I | re.M)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOCAL_NAMES = 50
_SECTOR = 512
_WORD_TEXT = b"\xec\xa5\xc1\x00"
"""How the main stream of a Word file begins: its mark and the version that all since Word 97 write."""
_BOMS = b"\xef\xbb\xbf\xfe\xff"


def by_name(name: str | None) -> str | None:
    """The type a file name ends in, query and fragment aside; None if it says none we know."""
    if not name:
        return None
    stem = re.split(r"[?#]", name, maxsplit=1)[0]
    return _SUFFIXES.get(PurePosixPath(stem.rstrip(" ./")).suffix[1:].lower())


def by_declaration(content_type: str | None) -> str | None:
    """The type a Content-Type names; None for ``application/octet-stream`` and what is unknown."""
    if not content_type:
        return None
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("image/"):
        return IMAGE
    return _MEDIA_TYPES.get(media_type)


def disposition_name(header: str | None) -> str | None:
    """The file name in a Content-Disposition header (RFC 6266), raw GBK or UTF-8 bytes read as such."""
    if not header:
        return None
    message = Message()
    message["Content-Disposition"] = header
    name = message.get_filename()
    if name is None:
        return None
    try:
        raw = name.encode("latin-1")
    except UnicodeEncodeError:
        return name
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return name


def by_bytes(body: bytes) -> str:
    """The real type. Never raises: what a package holds is looked up only if its directory is whole."""
    head = body[:_SLACK]
    bare = head.lstrip(b"\r\n\t \x00" + _BOMS)
    if not bare:
        return EMPTY
    for magic, kind in _MAGIC:
        if head.startswith(magic) or (kind in (ZIP, RTF, OLE) and bare.startswith(magic)):
            if kind == ZIP:
                return _packaged(body)
            return _compound(body) if kind == OLE else kind
    if b"%PDF-" in head:
        return PDF
    if _MHTML.match(bare):
        return "mhtml"
    if _HTML.search(bare):
        return HTML
    if bare.startswith(b"<?xml"):
        return "xml"
    return UNKNOWN if _CONTROL.search(head) and not _wide(head) else TEXT


def _wide(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _packaged(body: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, zlib.error):
        names = _local_names(body)
    lowered = [name.lower().replace("\\", "/") for name in names]
    if any(name.startswith("word/") for name in lowered):
        return DOCX
    if any(name.startswith("xl/") for name in lowered):
        return XLSX
    if any(name.startswith("ppt/") for name in lowered):
        return PPTX
    if "ofd.xml" in lowered:
        return OFD
    return ZIP


def _local_names(body: bytes) -> list[str]:
    """Names of the first parts of a package cut before its directory: they stand in the clear before each part."""
    names = []
    for found in itertools.islice(re.finditer(rb"PK\x03\x04", body), _LOCAL_NAMES):
        header = body[found.start() : found.start() + 30]
        if len(header) == 30:
            length = header[26] | header[27] << 8
            names.append(body[found.start() + 30 : found.start() + 30 + length].decode("latin-1"))
    return names


def is_whole_compound(body: bytes) -> bool:
    """Whether the directory of a compound file can be read."""
    try:
        with olefile.OleFileIO(io.BytesIO(body)) as ole:
            return bool(ole.listdir())
    except Exception:  # olefile raises IndexError, struct.error and more on damaged files
        return False


def _compound(body: bytes) -> str:
    try:
        with olefile.OleFileIO(io.BytesIO(body)) as ole:
            names = {"/".join(path).lower() for path in ole.listdir(streams=True, storages=False)}
    except Exception:
        names = _names_in_the_clear(body)
    if "worddocument" in names:
        return DOC
    if names & {"encryptedpackage", "encryptioninfo"}:
        return DOCX
    if names & {"workbook", "book"}:
        return XLS
    if "powerpoint document" in names:
        return PPT
    if any("wps" in name or name == "matost" for name in names):
        return WPS
    return OLE


def _names_in_the_clear(body: bytes) -> set[str]:
    """Directory entries of a compound file too damaged to be followed."""
    if any(body.startswith(_WORD_TEXT, at) for at in range(_SECTOR, len(body), _SECTOR)):
        return {"worddocument"}
    known = ("WordDocument", "Workbook", "EncryptedPackage", "PowerPoint Document")
    return {name.lower() for name in known if name.encode("utf-16-le") in body}
