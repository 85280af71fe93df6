"""Other portals' surroundings for one article: what stands round a text changes, the text does not.

Each page is the work of an invented portal, in its own words. Names of containers say nothing, metas are few:
what is left is how such pages print.
"""

from __future__ import annotations

from .pages import REPORT, TITLE, paragraphs

SITE = "青河县人民政府门户网站"
SOURCE = "青河县柳林镇"
BODY = paragraphs()
HALF = len("青河县柳林镇人民政府")
LINKS = (
    '<ul><li><a href="1.html">县政府召开第十二次常务会议</a><span>2024-03-11</span></li>'
    '<li><a href="2.html">关于做好春季森林防火工作的通知</a><span>2024-03-02</span></li></ul>'
)


def _page(title: str, body: str, head: str = "") -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>"
        '<div><a href="/">首页</a> <a href="/zw/">政务公开</a> <a href="/hd/">互动交流</a></div>'
        f"{body}</body></html>"
    ).encode()


PAGES = {
    "everything in the publish line": _page(
        f"{TITLE}_部门文件_{SITE}",
        f'<p>位置： <a href="/">首页</a> › <a href="/bm/">部门文件</a></p><div>{TITLE}</div>'
        f"<p><span>上网日期：2024-01-20</span><span>信息提供：{SOURCE}</span><span>查阅次数：19</span>"
        f"<span>文字：【大】【中】【小】</span><span>分享本文到</span></p><div>{BODY}</div>"
        "<p>我要纠错</p><p>用手机扫一扫浏览本页</p><p>转载请注明出处</p>",
    ),
    "the date touches the next label": _page(
        SITE,
        f"<h2>{TITLE}</h2><div><span>2024-01-20</span><span>来源：{SOURCE}</span><span>字号：<a>大</a> 中 小</span>"
        f"<span>保存</span> <span>打印</span></div><section>{BODY}</section>"
        "<div>文章录入：admin 责任编辑：admin</div><div>上一条：没有了</div>",
    ),
    "title broken by hand, table layout": _page(
        f"{SITE}---政务动态",
        "<table><tr><td><table><tr><td>栏目导航</td></tr><tr><td><a href=a>政务动态</a></td></tr></table></td>"
        "<td><table><tr><td>您当前位置：网站首页 &gt;&gt; 政务动态 &gt;&gt; 查看信息</td></tr>"
        f"<tr><td><font size=5><b>{TITLE[:HALF]}<br>{TITLE[HALF:]}</b></font></td></tr>"
        f"<tr><td>文章出处：{SOURCE}　发布日期：2024/01/20　点击数：68</td></tr><tr><td>{BODY}</td></tr>"
        "<tr><td>【<a>返回</a>】【<a>打印本稿</a>】【<a>关闭</a>】</td></tr></table></td></tr></table>"
        f"<table><tr><td>{SITE} 版权所有<br>电话：0311-0000000<br>建议使用IE6.0以上 1024×768</td></tr></table>",
    ),
    "the date stands in the heading": _page(
        TITLE,
        f'<div><a href="/">首页</a> / <a href="/xx/">政府信息公开</a></div><h2>{TITLE}<small> (2024年1月20日)</small></h2>'
        f"<div>来源：{SOURCE}</div><div>{BODY}</div><div><a>微信</a><a>微博</a></div>"
        "<div><p>主办单位：柳林镇</p><p>地址：青河县人民路1号 邮编：050000</p><p>冀ICP备00000001号</p></div>",
    ),
    "the site in brackets behind the title": _page(
        f"{TITLE}（{SITE}）",
        f"<strong>{TITLE}</strong><br><ul><li>发稿时间：2024.01.20</li><li>稿源：{SOURCE}</li>"
        f"<li>浏览人数：31</li><li>T大 T中 T小</li></ul><article>{BODY}</article>"
        f"<p>打印文本</p><p>关闭此窗口</p><h3>同类信息</h3>{LINKS}",
    ),
    "template's title, index lines, no metas": _page(
        "文章详情",
        "<ul><li>[ 索引号 ] QH012-0200-2024-00011</li><li>[ 信息分类 ] 部门文件</li>"
        f"<li>[ 成文日期 ] 2024-01-18</li><li>[ 发布机构 ] {SOURCE}</li><li>[ 内容概述 ]</li></ul>"
        f"<p><b>{TITLE}</b></p><p>录入时间：2024-01-20 09:11 | 来源部门：{SOURCE} | 听新闻</p><div>{BODY}</div>"
        "<p>初审：张一 复审：王二 终审：赵三</p><p>扫描二维码在手机上浏览</p><p>公安备案号：13019902000001</p>",
    ),
    "cut title, list of other pages": _page(
        f"{TITLE[:20]}...-{SITE}",
        f"<h3>信息公开</h3><ul><li><a href=a>机构职能</a></li></ul><div>{TITLE}</div><div>时间 : 2024-01-20 08:30:00 "
        f"来源 : {SOURCE} 浏览量: - 【 字体: 大 中 小 】 分享：</div><div>{BODY}</div>"
        f"<h4>其他信息</h4>{LINKS}<p>二维码</p>",
    ),
    "first lines outside the block of paragraphs": _page(
        f"{SITE} | {TITLE}",
        f"<h1>{TITLE}</h1><p>发布于：2024-01-20 来源：{SOURCE}</p><div><p>{REPORT[0]}</p><p>{REPORT[1]}</p>"
        f"<div><div>{paragraphs(REPORT[2:])}</div></div></div><div>打印 | 关闭</div>",
    ),
}
