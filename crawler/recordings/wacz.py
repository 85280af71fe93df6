"""WACZ files: a zip of WARC files with a list of digests (Webrecorder's Web Archive Collection Zipped, 1.1.1)."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from crawler.errors import BadRecording
from crawler.recordings.model import Recording
from crawler.recordings.warc import read_warc

MOST_INSIDE = 4 << 30
"""Bytes of one WARC file inside; a browser session fills some hundred megabytes."""
_MANIFEST = "datapackage.json"
_CHUNK = 1 << 20


def read_wacz(path: Path, recording: Recording) -> None:
    """Adds the answers of all WARC files in a WACZ file.

    Raises:
        BadRecording: It is no WACZ, is damaged, or a file in it differs from the digest in ``datapackage.json``.
    """
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            digests = _digests(package, path) if _MANIFEST in names else {}
            if not digests:
                recording.warnings.append(f"{path.name}: no {_MANIFEST}, so no digest of its files to check")
            warcs = [n for n in names if n.lower().endswith((".warc", ".warc.gz"))]
            if not warcs:
                raise BadRecording(f"{path}: holds no WARC file")
            for name in warcs:
                with package.open(name) as member, TemporaryFile() as copy:
                    found = _copy(member, copy, f"{path.name}/{name}")
                    if name in digests and digests[name] != found:
                        raise BadRecording(
                            f"{path}: {name} differs from its digest; it was changed after recording"
                        )
                    copy.seek(0)
                    read_warc(copy, f"{path.name}/{name}", recording)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise BadRecording(f"{path}: no readable WACZ file ({error})") from error


def _digests(package: zipfile.ZipFile, path: Path) -> dict[str, str]:
    try:
        with package.open(_MANIFEST) as file:
            manifest = json.loads(file.read(_CHUNK * 16))
        resources = manifest["resources"]
        return {
            r["path"]: r["hash"].removeprefix("sha256:") for r in resources if r["hash"].startswith("sha256:")
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRecording(f"{path}: its {_MANIFEST} cannot be read ({error})") from error


def _copy(member: IO[bytes], copy: IO[bytes], name: str) -> str:
    digest, size = hashlib.sha256(), 0
    while piece := member.read(_CHUNK):
        size += len(piece)
        if size > MOST_INSIDE:
            raise BadRecording(f"{name}: more than {MOST_INSIDE >> 30} GiB")
        digest.update(piece)
        copy.write(piece)
    return digest.hexdigest()
