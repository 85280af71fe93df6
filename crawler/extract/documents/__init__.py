"""Documents to text: PDF, Word of both kinds, OFD, RTF, Excel, and zip files of them.

One door, `read`: bytes in, a `DocumentReading` out. No network, no database, no file is written, nothing is run.
Whatever the bytes are, the answer is typed. A reader may still be made to crash inside a C library (pdfium,
libxml2): callers read documents in a child process with limits of its own.
"""

from __future__ import annotations

from crawler.extract.documents.door import DOCUMENTS, VERSION, read
from crawler.extract.documents.kinds import by_bytes, by_declaration, by_name, disposition_name
from crawler.extract.documents.model import DEFAULT, DocumentReading, Fault, Limits

__all__ = [
    "DEFAULT",
    "DOCUMENTS",
    "VERSION",
    "DocumentReading",
    "Fault",
    "Limits",
    "by_bytes",
    "by_declaration",
    "by_name",
    "disposition_name",
    "read",
]
