"""A folder mirrored by ``wget --mirror`` or ``--force-directories``: ``<host>/<path>``, one file an answer."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from crawler.errors import BadRecording
from crawler.recordings.model import MOST_BYTES, Answer, Recording

_HOST = re.compile(r"^(?=.{4,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?$", re.IGNORECASE)
_SAFE = "/?&=;:@+$,~!*'()%"


def read_tree(root: Path, files: Sequence[Path], recording: Recording) -> None:
    """Adds the files of a mirrored folder: time from the file, type from the name, status 200.

    Such a folder keeps neither headers nor digests; the recording says so in a warning. ``index.html`` stands for
    the folder's own address, too.

    Args:
        root: The folder.
        files: All files below it.
        recording: Takes the answers.

    Raises:
        BadRecording: No top folder is named after a host.
    """
    found = 0
    for file in files:
        host, *steps = file.relative_to(root).parts
        if not steps or not _HOST.match(host):
            continue
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            recording.warnings.append(
                f"{file.relative_to(root)}: a link or larger than an answer may be; left out"
            )
            continue
        found += 1
        address = f"https://{host}/{quote('/'.join(steps), safe=_SAFE)}"
        answer = Answer(
            url=address,
            status=200,
            headers={"content-type": _type(file.name)},
            body=file.read_bytes(),
            recorded_at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
            source=str(file.relative_to(root)),
        )
        recording.add(answer)
        if steps[-1] in ("index.html", "index.htm", "index.shtml"):
            folder = address[: address.rfind("/") + 1]
            recording.add(
                Answer(
                    url=folder,
                    status=200,
                    headers=answer.headers,
                    body=answer.body,
                    recorded_at=answer.recorded_at,
                    source=answer.source,
                )
            )
    if not found:
        raise BadRecording(
            f"{root}: neither WARC or WACZ files nor folders named after hosts (www.tjdl.gov.cn/…) are in it"
        )
    recording.warnings.append(f"{root.name}: a folder of files keeps neither headers nor digests")


def _type(name: str) -> str:
    plain = name.split("?", 1)[0]
    if (
        re.search(r"\.s?html?$|\.jsp$|\.jspx$|\.do$|\.php$|\.aspx?$", plain, re.IGNORECASE)
        or "." not in plain
    ):
        return "text/html"
    return mimetypes.guess_type(plain)[0] or "application/octet-stream"
