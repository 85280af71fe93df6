"""What stands around a text on a government page and is not the text.

A line is furniture only as a whole: it must consist of nothing but labels with their short values, buttons
and share names. Words such as 打印, 来源 or 责任编辑 inside a sentence never cost the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from crawler.extract import phrases
from crawler.extract.html import flat
from crawler.extract.render import Line

# Longer lines are sentences; the longest publish line with all its tools has about 150 characters.
_LONGEST = 260
_SENTENCE = re.compile("[，。；]")
_FILE_NAME = re.compile(r"附件|\.(?:pdf|docx?|xlsx?|wps|ofd|zip|rar)\b", re.I)


@lru_cache(maxsize=8192)
def is_furniture(text: str) -> bool:
    """True if a line consists of nothing but labels, dates, tools and footer pieces."""
    if len(text) > _LONGEST:
        return False
    at = pieces = 0
    while at < len(text):
        piece = phrases.PIECE.match(text, at)
        if piece is not None and piece.end() > at:
            at = piece.end()
            pieces += 1
            continue
        gap = phrases.BETWEEN.match(text, at)
        if gap is None:
            return False
        at = gap.end()
    return pieces > 0


def is_bare_date(text: str) -> bool:
    """True for a line that is only a date: furniture above a text, its signature below."""
    return len(text) < 40 and phrases.BARE_DATE.fullmatch(text) is not None


def is_index_row(text: str) -> bool:
    """True for a row or a line of the table that files a document (索引号, 发文字号 …)."""
    cells = text.split("\t")
    if len(cells) > 1:
        labels = [c for c in cells[::2] if c.strip()]
        return bool(labels) and all(phrases.INDEX_CELL.fullmatch(c) for c in labels)
    return len(text) <= 200 and phrases.INDEX_LINE.match(text) is not None


def is_tool(line: Line) -> bool:
    """True if a line stands in a small element that is named for its tools."""
    if line.block is None or len(line.text) > 80 or _SENTENCE.search(line.text):
        return False
    block = line.block
    for _ in range(3):
        if phrases.TOOL_NAMES.search(f"{block.get('class') or ''} {block.get('id') or ''}"):
            # Wrappers of whole articles carry such names too; they are large.
            return sum(1 for _ in islice(block.iter(), 80)) < 80 and len(flat(block).strip()) < 300
        parent = block.getparent()
        if parent is None:
            break
        block = parent
    return False


def is_marker(line: Line) -> bool:
    """True for a line that announces related things, comments or the makers of the page."""
    return len(line.text) <= 120 and not line.attachment and phrases.MARKER.fullmatch(line.text) is not None


def is_prose(line: Line) -> bool:
    """True for a line of running text."""
    return len(line.text) - line.linked >= 30 and re.search("[，。；,;]", line.text) is not None


def body(lines: Sequence[Line], title: str | None = None, *, loose: bool = False) -> list[Line]:
    """The lines of a text without the furniture before, after and between them.

    Args:
        lines: The rendered container.
        title: The page's title; a line that repeats it is dropped only where furniture follows it directly.
        loose: True if the container is no more than a guess: then a publish line ends the head whatever
            stands above it, and a list of related things ends the text whatever follows.
    """
    kept = list(lines)
    if loose:
        kept = _behind_publish_line(kept)
    kept = _without_head(kept, title)
    if loose and kept and _is_page_heading(kept[0]):
        kept = kept[1:]
    kept = _before_marker(kept, loose)
    kept = _without_tail(kept)
    return [line for line in kept if not _always(line.text)]


def _is_page_heading(line: Line) -> bool:
    return line.block is not None and line.block.tag in ("h1", "h2") and len(line.text) <= 120


def _always(text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    if phrases.TEMPLATE.fullmatch(text):
        return True
    return phrases.TOOLS.search(text) is not None and is_furniture(text)


def _behind_publish_line(lines: list[Line]) -> list[Line]:
    cut = held = 0
    for i, line in enumerate(lines[:120]):
        text = line.text
        if (is_furniture(text) and not is_bare_date(text) and re.search(r"\d{4}\D|字\s*[号体]", text)) or (
            len(text) < 100
            and "。" not in text
            and phrases.FULL_DATE.search(text)
            and phrases.PUBLISH.search(text)
        ):
            cut = i + 1
        elif is_prose(line) and not line.linked:
            held += len(text)
            if held > 80:
                break
    return lines[cut:]


def _before_marker(lines: list[Line], loose: bool) -> list[Line]:
    prose_behind = [False] * (len(lines) + 1)
    for i in range(len(lines) - 1, -1, -1):
        prose_behind[i] = prose_behind[i + 1] or (is_prose(lines[i]) and not lines[i].linked)
    held = 0
    for i, line in enumerate(lines):
        if held > 60 and is_marker(line) and (loose or not prose_behind[i + 1]):
            # A file behind the marker is an attachment of the text and stays with it.
            return lines[:i] + [rest for rest in lines[i + 1 :] if rest.attachment and not loose]
        if not line.linked:
            held += len(line.text)
    return lines


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _without_head(lines: list[Line], title: str | None) -> list[Line]:
    """Cuts everything up to the last piece of furniture of an unbroken head."""
    cut = 0
    wanted = _bare(title or "")
    for i, line in enumerate(lines[:40]):
        text = line.text
        menu = line.is_link and not line.attachment and len(text) < 40 and not _FILE_NAME.search(text)
        crumbs = line.linked and len(text) < 150 and phrases.CRUMBS.fullmatch(text)
        if is_furniture(text) or is_index_row(text) or is_tool(line) or menu or crumbs:
            cut = i + 1
        elif not (wanted and _bare(text) and _bare(text) in wanted) and not _is_heading(lines, i):
            break
    return lines[cut:]


def _is_heading(lines: list[Line], i: int) -> bool:
    """A short line may be the title; it goes only if a publish line stands right below it."""
    if len(lines[i].text) > 80 or _SENTENCE.search(lines[i].text):
        return False
    return any(_is_publish(line.text) for line in lines[i + 1 : i + 4])


def _is_publish(text: str) -> bool:
    return (
        is_furniture(text)
        and not is_bare_date(text)
        and re.search(r"\d{4}|字\s*号|来\s*源|浏\s*览", text) is not None
    )


def _without_tail(lines: list[Line]) -> list[Line]:
    end = len(lines)
    while end > 0:
        line = lines[end - 1]
        text = line.text
        if is_bare_date(text) and not line.linked:
            break
        if not (is_furniture(text) or _is_tail(text) or is_tool(line) or _is_menu(line)):
            break
        end -= 1
    return lines[:end]


def _is_tail(text: str) -> bool:
    if len(text) > 150:
        return False
    return any((phrases.EDITOR.fullmatch(text), phrases.LINK_HEAD.fullmatch(text), phrases.NEXT.match(text)))


def _is_menu(line: Line) -> bool:
    return line.is_link and not line.attachment and not _FILE_NAME.search(line.text)
