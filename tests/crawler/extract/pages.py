"""Lifelike pages of an invented county, one shape per platform."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).parents[3] / ".." / "shared"

TITLE = "青河县柳林镇人民政府关于2023年度法治政府建设情况的报告"
REPORT = (
    "青河县柳林镇人民政府",
    "关于2023年度法治政府建设情况的报告",
    "2023年，柳林镇坚持以习近平法治思想为指导，扎实推进依法行政，现将有关情况报告如下：",
    "一、主要举措和成效",
    "（一）健全制度。全年召开专题会议4次，研究解决问题12个，打印宣传材料3000份，关闭违规网站1个。",
    "无。",
    "二、存在的不足和原因",
    "普法宣传的形式单一，来源于群众的意见征集不够。",
    "三、下一年度主要安排",
    "无。",
    "特此报告。",
    "柳林镇人民政府",
    "2024年1月18日",
    "抄报：县委依法治县办",
)
HEADER = """<div class="header"><span>今天是2026年3月1日 星期日</span><a href="/">首页</a>
<a href="/zwgk/">政务公开</a><a href="/hd/">互动交流</a>
<ul class="menu"><li><a href="/a/">机构职能</a></li><li><a href="/b/">领导之窗</a></li></ul></div>
<div class="dqwz">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt;
<a href="./">法治政府建设</a></div>"""
FOOTER = """<div class="footer"><a href="#">网站声明</a> | <a href="#">联系我们</a> | <a href="#">网站地图</a>
<p>主办：青河县人民政府 版权所有 承办：青河县人民政府办公室</p>
<p>网站标识码：1301990003 冀ICP备12345678号-1 冀公网安备 13019902000001号</p></div>"""


def paragraphs(lines: tuple[str, ...] = REPORT, tag: str = "p") -> str:
    """Paragraphs in the span soup of a word processor."""
    return "\n".join(
        f'<{tag} style="text-indent:2em"><span>　　{x[:5]}</span><span>{x[5:]}</span></{tag}>' for x in lines
    )


def page(content: str, *, head: str = "", title: str = f"{TITLE}_青河县人民政府") -> bytes:
    """A whole page around a content column."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{HEADER}{content}{FOOTER}</body></html>"
    ).encode()


PUBLISH_LINE = (
    '<div class="info">发布时间：2024-01-20 10:11 来源：青河县柳林镇 字号：<a>大</a> '
    "<a>中</a> <a>小</a> 浏览次数：<span>12</span></div>"
)
TOOLS = "<div>【<a>打印本页</a>】【<a>关闭窗口</a>】</div><p>扫一扫在手机打开当前页</p>"

SHAPES = {
    "trs": page(
        f"<h1>{TITLE}</h1>{PUBLISH_LINE}"
        f'<div class="view TRS_UEDITOR trs_paper_default">{paragraphs()}</div>{TOOLS}'
    ),
    "hanweb": page(
        f'<table><tr><td class="title">{TITLE}</td></tr><tr><td>{PUBLISH_LINE}</td></tr>'
        f'<tr><td><div id="zoom">{paragraphs()}</div></td></tr><tr><td>{TOOLS}</td></tr></table>'
    ),
    "vsb": page(
        f"<form><h2>{TITLE}</h2><div>2024-01-20 作者： 来源：青河县柳林镇 点击：[<span></span>]</div>"
        f'<div id="vsb_content_2"><div class="v_news_content">{paragraphs()}</div></div>'
        "<p>上一篇：<a href=1>县司法局报告</a></p><p>下一篇：<a href=2>通知</a></p></form>"
    ),
    "ucap": page(
        f'<div class="article"><h1>{TITLE}</h1>{PUBLISH_LINE}'
        f'<div id="UCAP-CONTENT">{paragraphs(tag="div")}</div>{TOOLS}</div>'
    ),
    "epoint": page(
        f'<div class="ewb-article"><h3 class="ewb-article-tt">{TITLE}</h3>'
        '<div class="ewb-article-sources"><p>信息来源：'
        "青河县柳林镇</p><p>发布时间：2024-01-20</p></div>"
        f'<div class="ewb-article-info">{paragraphs()}</div>{TOOLS}</div>'
    ),
    "shared container with its furniture": page(
        f'<div class="xl_content"><p>{TITLE}</p><p>发布时间：2024-01-20　　来源：青河县柳林镇</p>'
        f"<p>字号：</p>{paragraphs()}"
        f"{TOOLS}<p>责任编辑：张三</p></div>"
    ),
    "lines broken by br": page(
        f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div class="TRS_Editor">{"<br>　　".join(REPORT)}</div>'
    ),
    "document in a table cell": page(
        f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div id="zoom"><table><tr><td width="5"></td>'
        f"<td>{paragraphs()}</td></tr></table></div>"
    ),
    "unknown container": page(
        '<div class="w3"><div class="lft"><ul><li><a href=1>机构职能</a></li><li><a href=2>领导信息'
        "</a></li></ul></div>"
        f'<div class="rgt"><h1>{TITLE}</h1><div class="s9">发布时间：2024-01-20 来源：青河县柳林镇'
        '</div><div class="n99">'
        f"{paragraphs()}</div>{TOOLS}<h3>相关新闻</h3><ul><li><a href=3>柳林镇召开会议</a></li></ul>"
        "</div></div>"
    ),
    "early </html>": page(
        f'</body></html><div class="pages"><h1>{TITLE}</h1>{PUBLISH_LINE}'
        f'<div class="pages_content">{paragraphs()}</div></div>'
    ),
    "fragment": f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div class="article_content">{paragraphs()}</div>'.encode(),
    "empty editor beside the text": page(
        f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div class="TRS_Editor"><p>&nbsp;</p></div>'
        f'<div class="k1">{paragraphs()}</div>'
    ),
    "class name in the footer too": page(
        f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div class="TRS_Editor">{paragraphs()}</div>'
        '<div class="foot"><div class="TRS_Editor">主办：青河县人民政府 版权所有</div></div>'
    ),
    "body in a hidden element": page(
        f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div class="TRS_Editor" style="display:none">{paragraphs()}</div>'
    ),
    "stray end tag": page(
        f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div class="main">'
        f'<div class="TRS_Editor">{paragraphs(REPORT[:6])}</div>'
        f"{paragraphs(REPORT[6:])}</div>"
    ),
}
