"""Furniture of real size: menus, styles, inline scripts, and bodies in the markup editors leave behind."""

# Markup and Chinese sentences stand on one line each, as they are sent; a Chinese character counts double.

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache

SCRIPT_PARTS = (
    """function {f}(o,t){{var n=o||window.event,r=n.target||n.srcElement;if(r&&r.className.indexOf('{w}')>-1){{r.className=r.className.replace('{w}','');return t===undefined?{n}:t;}}return -1;}}""",
    """$(function(){{$('.{w} li').hover(function(){{$(this).addClass('on').siblings().removeClass('on');$('.{w}_con').eq($(this).index()).stop(true,true).fadeIn({n});}},function(){{$(this).removeClass('on');}});}});""",
    """var {f}={{init:function(){{this.box=document.getElementById('{w}{n}');if(!this.box){{return;}}this.width=this.box.offsetWidth;this.timer=setInterval(this.next,{n}0);}},next:function(){{{f}.index=({f}.index||0)+1;if({f}.index>={n}){{{f}.index=0;}}}}}};{f}.init();""",
    """if(/Android|iPhone|iPad|iPod/i.test(navigator.userAgent)){{var {f}=document.createElement('link');{f}.rel='stylesheet';{f}.href='/images/{w}_wap_{n}.css';document.getElementsByTagName('head')[0].appendChild({f});}}""",
    """function {f}(){{var d=new Date(),w=['日','一','二','三','四','五','六'];return d.getFullYear()+'年'+(d.getMonth()+1)+'月'+d.getDate()+'日 星期'+w[d.getDay()];}}""",
)
WORDS = (
    "nav",
    "tab",
    "slide",
    "banner",
    "zwgk",
    "hdjl",
    "bsfw",
    "ztzl",
    "share",
    "wza",
    "pop",
    "scroll",
    "search",
    "menu",
)
RULE = (
    ".{w}_{n}{{width:{n}px;height:auto;overflow:hidden;margin:0 auto 1{d}px;font:normal 1{d}px/2{d}px "
    "'Microsoft YaHei',SimSun,Arial;color:#3{d}3;background:#f{d}f8fa url(/images/{w}_{n}.png) no-repeat {n}px center}}"
)


@cache
def script(seed: str, size: int) -> str:
    """An inline script of about so many characters, always the same for the same seed."""
    rng = random.Random(seed)
    parts: list[str] = []
    while sum(map(len, parts)) < size:
        name = rng.choice("abcdefghkmnpqt") + rng.choice(WORDS) + str(rng.randrange(900))
        parts.append(rng.choice(SCRIPT_PARTS).format(f=name, w=rng.choice(WORDS), n=rng.randrange(20, 980)))
    return '<script type="text/javascript">\n' + "\n".join(parts) + "\n</script>"


@cache
def style(seed: str, size: int) -> str:
    """An inline style sheet of about so many characters."""
    rng = random.Random(seed)
    parts: list[str] = []
    while sum(map(len, parts)) < size:
        parts.append(RULE.format(w=rng.choice(WORDS), n=rng.randrange(20, 980), d=rng.randrange(10)))
    return '<style type="text/css">\n' + "\n".join(parts) + "\n</style>"


def link(path: str, name: str, *, cls: str = "", target: bool = True) -> str:
    """An anchor."""
    blank = ' target="_blank"' if target else ""
    css = f' class="{cls}"' if cls else ""
    return f'<a href="{html.escape(path)}"{css}{blank} title="{html.escape(name)}">{html.escape(name)}</a>'


def mega_menu(groups: Iterable[tuple[str, str, Sequence[tuple[str, str]]]], *, cls: str = "nav") -> str:
    """A menu of groups, each with its columns beneath, as portals show it on every page.

    Args:
        groups: Name, path, and (name, path) of the columns beneath.
        cls: Class of the menu.
    """
    drawn = []
    for name, path, items in groups:
        below = "".join(
            f'\n\t\t\t<dd class="{cls}_dd"><i class="iconfont icon-{cls}"></i>{link(to, title)}</dd>'
            for title, to in items
        )
        drawn.append(
            f'\n\t<li class="{cls}_li" onmouseover="this.className+=\' on\'">\n\t\t{link(path, name, cls=cls + "_one")}'
            f'\n\t\t<dl class="{cls}_dl" style="display:none;">{below}\n\t\t</dl>\n\t</li>'
        )
    return f'<div class="{cls}_box"><ul class="{cls}">{"".join(drawn)}\n</ul></div>'


def friend_links(names: Iterable[tuple[str, str]]) -> str:
    """Links to other sites at the foot."""
    options = "".join(f'<option value="{url}">{name}</option>' for name, url in names)
    return f'<div class="yqlj"><select onchange="window.open(this.value)"><option>友情链接</option>{options}</select></div>'


OTHER_SITES = (
    ("中国政府网", "https://www.gov.cn/"),
    ("国家政务服务平台", "https://gjzwfw.www.gov.cn/"),
    ("信用中国", "https://www.creditchina.gov.cn/"),
    ("新华网", "http://www.xinhuanet.com/"),
    ("人民网", "http://www.people.com.cn/"),
)

# Bodies

Soup = Callable[[str, random.Random, str], str]


def _indented(text: str, indent: str) -> str:
    """The paragraph without the blanks it was copied with, indented as this portal does."""
    return indent + html.escape(text.strip(), quote=False)


def trs_spans(text: str, rng: random.Random, where: str) -> str:
    """TRS editor: paragraphs in spans cut anywhere, entities as indent."""
    pieces = _pieces(text.strip(), rng)
    spans = "".join(
        f'<span style="font-size: 16pt; font-family: 仿宋_GB2312;">{html.escape(piece, quote=False)}</span>'
        for piece in pieces
    )
    indent = "" if where else "&ensp;&ensp;&ensp;&ensp;"
    return f'<p style="text-align: {where or "justify"}; line-height: 2em;">{indent}{spans}</p>'


def word_spans(text: str, rng: random.Random, where: str) -> str:
    """Pasted from Word: numbers and Latin in spans of their own, o:p behind."""
    drawn = []
    for piece in re.split(r"([0-9A-Za-z.%]+)", text.strip()):
        if not piece:
            continue
        if re.fullmatch(r"[0-9A-Za-z.%]+", piece):
            drawn.append(
                f"<span lang=EN-US style='font-size:16.0pt;mso-fareast-font-family:仿宋_GB2312'>{piece}</span>"
            )
        else:
            drawn.append(
                f"<span style='font-size:16.0pt;font-family:仿宋_GB2312'>{html.escape(piece, quote=False)}</span>"
            )
    if rng.random() < 0.4:
        drawn.append("<span lang=EN-US><o:p></o:p></span>")
    align = f"text-align:{where};" if where else "text-indent:32.0pt;mso-char-indent-count:2.0;"
    return f'<p class="MsoNormal" style="{align}line-height:28.0pt;">{"".join(drawn)}</p>'


def fullwidth(text: str, rng: random.Random, where: str) -> str:
    """Plain paragraphs with U+3000 as indent; headings in strong."""
    align = f' style="text-align: {where};"' if where else ""
    inner = _indented(text, "" if where else "\u3000\u3000")
    if re.match(r"[一二三四五]、", text.strip()) and len(text.strip()) < 40 and rng.random() < 0.9:
        inner = f"<strong>{inner}</strong>"
    return f"<p{align}>{inner}</p>"


def nbsp_font(text: str, rng: random.Random, where: str) -> str:
    """Old editor: font tags, non-breaking blanks, here and there an empty tag."""
    align = f' align="{where}"' if where else ""
    inner = _indented(text, "" if where else "&nbsp;&nbsp;&nbsp;&nbsp;")
    tail = "<font face=仿宋></font>" if rng.random() < 0.3 else ""
    return f"<p{align}><font size=3 face=仿宋>{inner}</font>{tail}</p>"


def ueditor(text: str, rng: random.Random, where: str) -> str:
    """Chongqing's UEditor: a span around all, sometimes a second one inside."""
    align = f"text-align: {where}; " if where else "text-indent: 2em; "
    pieces = _pieces(text.strip(), rng) if rng.random() < 0.5 else [text.strip()]
    inner = "".join(
        f'<span style="text-wrap: wrap;">{html.escape(piece, quote=False)}</span>' for piece in pieces
    )
    return f'<p style="{align}line-height: 32px;"><span style="font-family: 方正仿宋_GBK; font-size: 21px;">{inner}</span></p>'


def _pieces(text: str, rng: random.Random) -> list[str]:
    """The text cut at a few places, in the middle of words too."""
    cuts = (
        sorted(rng.sample(range(1, len(text)), min(len(text) // 60 + 1, len(text) - 1)))
        if len(text) > 1
        else []
    )
    return [text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def body(
    paragraphs: Sequence[str],
    soup: Soup,
    *,
    seed: str,
    letterhead: int = 0,
    signature: int = 0,
    empty: str = "<p>&nbsp;</p>",
) -> str:
    """Paragraphs in one editor's markup.

    Args:
        paragraphs: Empty ones become ``empty``.
        soup: The editor.
        seed: Decides where spans are cut.
        letterhead: So many non-empty paragraphs at the top are centred.
        signature: So many at the end stand to the right.
        empty: Markup of an empty paragraph.
    """
    filled = [place for place, text in enumerate(paragraphs) if text.strip()]
    centred, right = set(filled[:letterhead]), set(filled[len(filled) - signature :])
    drawn = []
    for place, text in enumerate(paragraphs):
        if not text.strip():
            drawn.append(empty)
            continue
        where = "center" if place in centred else "right" if place in right else ""
        # cut by place and not by text: an edited word must not move every span of the page
        drawn.append(soup(text, random.Random(f"{seed}{place}"), where))
    return "\n".join(drawn)
