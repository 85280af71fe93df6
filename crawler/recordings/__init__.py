"""Captures made elsewhere: what a person recorded in a browser, as WARC, WACZ or a mirrored folder."""

from __future__ import annotations

from pathlib import Path

from crawler.errors import BadRecording
from crawler.recordings.model import Answer, Recording
from crawler.recordings.tree import read_tree
from crawler.recordings.wacz import read_wacz
from crawler.recordings.warc import read_warc

__all__ = ["Answer", "Recording", "open_recording"]

_WARC = (".warc", ".warc.gz")


def open_recording(path: Path) -> Recording:
    """Reads a recording whole and checks it: digests, lengths, the end of the last record.

    Args:
        path: A ``.warc``, ``.warc.gz`` or ``.wacz`` file; a folder with such files; or a folder mirrored by
            ``wget --force-directories``, whose top folders are host names.

    Raises:
        BadRecording: It is none of these, is cut short, or an answer differs from its digest.
    """
    try:
        return _open(path)
    except OSError as error:
        raise BadRecording(f"{path}: cannot be read: {error.strerror or error}") from error


def _open(path: Path) -> Recording:
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise BadRecording(f"{path}: there is no such file or folder")
    recording = Recording(path)
    if path.name.lower().endswith(".wacz"):
        read_wacz(path, recording)
    elif path.name.lower().endswith(_WARC):
        with path.open("rb") as file:
            read_warc(file, path.name, recording)
    else:
        raise BadRecording(f"{path}: a .warc, .warc.gz or .wacz file, or a folder, is expected")
    return _filled(recording)


def _folder(path: Path) -> Recording:
    recording = Recording(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    warcs = [file for file in files if file.name.lower().endswith(_WARC)]
    waczs = [file for file in files if file.name.lower().endswith(".wacz")]
    for file in waczs:
        read_wacz(file, recording)
    for file in warcs:
        with file.open("rb") as opened:
            read_warc(opened, file.name, recording)
    if not warcs and not waczs:
        read_tree(path, files, recording)
    return _filled(recording)


def _filled(recording: Recording) -> Recording:
    if not len(recording):
        raise BadRecording(f"{recording.path}: no answer of a web server stands in it")
    return recording
