"""What no export may show: texts and payloads withdrawn by ``archive redact``."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from archive import redaction


@dataclass(frozen=True, slots=True)
class Hidden:
    """Digests of what is withdrawn; the digests themselves stay public."""

    texts: frozenset[str]
    payloads: frozenset[str]


def hidden(connection: Connection) -> Hidden:
    """What ``archive.redaction`` lists, for an export to leave out even where the content is still in a table."""
    found = redaction.listed(connection)
    return Hidden(
        texts=frozenset(one.digest for one in found if one.kind == redaction.Kind.TEXT),
        payloads=frozenset(one.digest for one in found if one.kind == redaction.Kind.PAYLOAD),
    )
