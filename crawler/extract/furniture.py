"""What stands around a text on a government page and is not the text.

A line is furniture only as a whole: it must consist of nothing but labels with their short values, buttons
and share names. Words such as 打印, 来源 or 责任编辑 inside a sentence never cost the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, islice

from crawler.extract import phrases
from crawler.extract.html import flat
from crawler.extract.render import Line

# Longer lines are sentences; the longest publish line with all its tools has about 150 characters.
_LONGEST = 260
_SENTENCE = re.compile("[，。；]")
# The share of a title that a line must repeat to be its printing; the rest are names of column and site.
_HALF = 0.4
# Fewer links than this at the end of a text are no list of other pages.
_A_LIST = 2
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


def _goes_on(text: str) -> bool:
    """True for a line that files a document, if it stands among others that do (信息分类：部门文件)."""
    return len(text) <= 200 and phrases.INDEX_PAIR.match(text) is not None


def is_dateline(text: str) -> bool:
    """True for a date with its time and at most a name beside it (2024-05-20 14:33·新华社)."""
    return len(text) <= 60 and phrases.DATELINE.fullmatch(text) is not None


def is_place(line: Line) -> bool:
    """True for the way from the front page to the page."""
    text = line.text
    return len(text) < 150 and (
        (line.linked > 0 and (phrases.CRUMBS.fullmatch(text) or phrases.PLACE.match(text)) is not None)
        or (phrases.PLACE.match(text) is not None and _SENTENCE.search(text) is None)
    )


def is_entry(line: Line) -> bool:
    """True for a line of a list of pages: a link, a row of links, or a link with its date."""
    if not line.linked or line.attachment or _FILE_NAME.search(line.text):
        return False
    if line.is_link:
        return True
    rest = len("".join(phrases.DATE_ANYWHERE.sub("", line.text).split()))
    return line.linked >= rest * (0.7 if "\t" in line.text else 0.85)


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


def body(
    lines: Sequence[Line], title: str | None = None, *, loose: bool = False, headed: bool = True
) -> list[Line]:
    """The lines of a text without the furniture before, after and between them.

    Args:
        lines: The rendered container.
        title: The page's title; a line that repeats it is dropped only where furniture follows it directly.
        loose: True if the container is no more than a guess: then a publish line ends the head whatever
            stands above it, and a list of related things ends the text whatever follows.
        headed: True if the title is printed above these lines; then a second one is the text's letterhead.
    """
    kept = list(lines)
    if loose:
        kept = _behind_publish_line(kept)
    kept = _without_head(kept, title)
    if loose and kept and _is_page_heading(kept[0]):
        kept = kept[1:]
    above = lines[: len(lines) - len(kept)]
    if loose and not (headed or is_headed(above, title)):
        kept = _without_head(kept[heading(kept, title) :], title)
    kept = _before_marker(kept, loose)
    kept = _before_tools(kept, loose)
    kept = _without_tail(kept)
    return [line for line in kept if not _always(line.text)]


def _is_page_heading(line: Line) -> bool:
    return line.block is not None and line.block.tag in ("h1", "h2") and len(line.text) <= 120


def heading(lines: Sequence[Line], title: str | None) -> int:
    """How many of the first lines print the page's title, which may be broken over three.

    Args:
        lines: The lines.
        title: The title as far as it is known, perhaps with the names of column and site.
    """
    wanted = bare(title or "")
    joined = ""
    for i, line in enumerate(lines[:3]):
        if len(line.text) > _LONGEST:
            break
        joined += bare(phrases.DATED.sub("", line.text))
        if len(joined) >= 6 and joined in wanted and len(joined) >= len(wanted) * _HALF:
            after = bare(lines[i + 1].text) if i + 1 < len(lines) else ""
            if not after or joined + after not in wanted:
                return i + 1
    return 0


def is_headed(lines: Sequence[Line], title: str | None) -> bool:
    """True if the title is printed in these lines; then a second printing is the text's own."""
    return any(heading(lines[i : i + 3], title) for i in range(len(lines)))


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
        if _dates_the_page(text) or is_place(line):
            cut = i + 1
        elif is_prose(line) and not line.linked:
            held += len(text)
            if held > 80:
                break
    return lines[cut:]


def _dates_the_page(text: str) -> bool:
    if is_furniture(text):
        return not is_bare_date(text) and re.search(r"\d{4}\D|字\s*[号体]", text) is not None
    return (
        len(text) < 100
        and "。" not in text
        and phrases.PASSED.fullmatch(text) is None
        and phrases.FULL_DATE.search(text) is not None
        and phrases.PUBLISH.search(text) is not None
    )


def _before_marker(lines: list[Line], loose: bool) -> list[Line]:
    prose_behind = [False] * (len(lines) + 1)
    for i in range(len(lines) - 1, -1, -1):
        prose_behind[i] = prose_behind[i + 1] or (is_prose(lines[i]) and not lines[i].linked)
    held = 0
    for i, line in enumerate(lines):
        if held > 60 and are_comments(line.text):
            return lines[:i]
        if held > 60 and is_marker(line) and (loose or not prose_behind[i + 1]):
            # A file behind the marker is an attachment of the text and stays with it.
            return lines[:i] + [rest for rest in lines[i + 1 :] if rest.attachment and not loose]
        if not line.linked:
            held += len(line.text)
    return lines


def _before_tools(lines: list[Line], loose: bool) -> list[Line]:
    """Cuts behind the last paragraph at the first line of tools, editors or footer.

    Short lines below it (phone numbers, names of sites) are not the text's.
    """
    last = len(lines)
    while last > 0 and not _is_content(lines[last - 1]):
        last -= 1
    hits = [i for i in range(last, len(lines)) if _is_last(lines[i].text)]
    held = [0, *accumulate(len(line.text) - line.linked for line in lines)] if hits else []
    for i in hits:
        if held[i] > 60:
            end = i
            while loose and end > last and phrases.CONTACT.fullmatch(lines[end - 1].text):
                end -= 1
            return lines[:end] + [rest for rest in lines[i + 1 :] if rest.attachment and not loose]
    return lines


def _is_last(text: str) -> bool:
    if phrases.LAST.search(text) is None or len(text) > 150:
        return False
    return is_furniture(text) or _is_tail(text)


def _is_content(line: Line) -> bool:
    """True for running text and for rows of figures."""
    if is_entry(line) or is_furniture(line.text) or _is_tail(line.text):
        return False
    return is_prose(line) or ("\t" in line.text and not line.linked)


def are_comments(text: str) -> bool:
    """True for a line over what readers say."""
    if len(text) > 80 or phrases.COMMENT_WORDS.search(text) is None:
        return False
    return phrases.COMMENTS.fullmatch(text) is not None


def bare(text: str) -> str:
    """Letters and digits only: how two printings of a line are compared."""
    return re.sub(r"[\W_]+", "", text)


def _without_head(lines: list[Line], title: str | None) -> list[Line]:
    """Cuts everything up to the last piece of furniture of an unbroken head."""
    cut = 0
    wanted = bare(title or "")
    filed = False
    for i, line in enumerate(lines[:40]):
        text = line.text
        menu = is_entry(line) and (len(text) < 40 or "\t" in text)
        filed = is_index_row(text) or (filed and _goes_on(text))
        if is_furniture(text) or filed or is_dateline(text) or is_tool(line) or menu or is_place(line):
            cut = i + 1
        elif not (wanted and bare(text) and bare(text) in wanted) and not _is_heading(lines, i):
            break
    return lines[cut:]


def _is_heading(lines: list[Line], i: int) -> bool:
    """A short line may be the title; it goes only if a publish line stands right below it."""
    if len(lines[i].text) > 80 or _SENTENCE.search(lines[i].text):
        return False
    return any(is_publish(line.text) for line in lines[i + 1 : i + 4])


def is_publish(text: str) -> bool:
    """True for a line that says when a page was published, by whom, or how often it was read."""
    return is_dateline(text) or (
        is_furniture(text)
        and not is_bare_date(text)
        and re.search(r"\d{4}|字\s*号|来\s*源|浏\s*览", text) is not None
    )


def _without_tail(lines: list[Line]) -> list[Line]:
    end = len(lines)
    entries = 0
    while end > 0:
        line = lines[end - 1]
        text = line.text
        if is_bare_date(text) and not line.linked:
            break
        if is_entry(line):
            entries += 1
        elif entries >= _A_LIST and _is_list_head(line):
            entries = 0
        elif not (is_furniture(text) or _is_tail(text) or is_tool(line)):
            break
        end -= 1
    return lines[:end]


def _is_list_head(line: Line) -> bool:
    """True for what may stand over a list of links: a short line that is set as a heading."""
    return (
        len(line.text) <= 12
        and not re.search(r"[，。；\d]", line.text)
        and line.block is not None
        and re.fullmatch(r"h[1-6]|dt|th|caption", str(line.block.tag)) is not None
    )


def _is_tail(text: str) -> bool:
    if len(text) > 150:
        return False
    if phrases.ROW.fullmatch(text) or phrases.NO_FILES.fullmatch(text):
        return True
    return any((phrases.EDITOR.fullmatch(text), phrases.LINK_HEAD.fullmatch(text), phrases.NEXT.match(text)))
