"""Pages that are content, chosen to be hard: they speak of what refusals say, are short, or are nearly empty lists."""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import urlsplit

from crawler.sample.portal import SAMPLE_HOST, SamplePortal
from crawler.sample.server import Request
from tests.conftest import SHARED
from tests.crawler.refusals.answers import framed, page

TOPICS = (
    "关于开展政府网站安全验证专项检查的通知",
    "关于清理“页面不存在”等错误链接的整改情况报告",
    "政府网站普查中发现的404错误页面处理办法",
    "网站安全防护项目（创宇盾、Web应用防火墙）采购公告",
    "关于系统维护期间暂停服务的公告",
    "示例街道2023年法治政府建设情况报告",
    "示例区司法局2024年度法治政府建设工作总结",
    "关于启用滑动验证功能的说明",
    "政务服务平台访问异常问题解答",
    "关于查处非法请求、恶意访问政务系统案件的通报",
    "关于办事指南内容已失效条目的清理结果公示",
    "示例市2023年度法治政府建设年度报告",
    "关于网站栏目调整的公告：原栏目已停用",
    "Access Denied 类故障处置流程（网信办）",
    "关于“您的访问被阻断”类投诉的答复",
    "加速乐、瑞数动态防护系统运维服务成交结果",
)
SENTENCES = (
    "检查中发现部分单位网站存在页面不存在、链接打不开、内容已失效等问题，已责令限期整改。",
    "对访问过于频繁的地址，系统会要求用户完成安全验证后继续访问，群众反映较多。",
    "本年度共办理行政复议案件128件，同比增长12.3%，行政机关负责人出庭应诉率达到100%。",
    "当前访问疑似黑客攻击的告警共计三百余条，均由Web应用防火墙拦截，未造成数据泄露。",
    "各镇街要压实责任，严格落实重大行政决策程序，全面推行行政执法三项制度。",
    "服务器异常、数据库连接失败等故障的平均处置时间缩短至二十分钟。",
    "请各单位于3月31日前将法治政府建设年度报告在本级政府网站公开。",
    "打击跨境赌博专项行动期间，查处利用网络开设赌场、六合彩等案件9起。",
    "页面提示“抱歉，您访问的页面不存在”的，由信息中心统一排查。",
)
STAMP = ("2024-01-15", "2023年12月29日", "2025/03/28")


def of_own() -> Iterator[tuple[str, bytes]]:
    """Name and body of made pages: articles bare and framed, short notices, short lists, guarded and frameset pages."""
    rng = random.Random(20240401)
    for n in range(260):
        topic, stamp = rng.choice(TOPICS), rng.choice(STAMP)
        text = "".join(
            f"<p>　　{''.join(rng.sample(SENTENCES, rng.randint(2, 5)))}</p>"
            for _ in range(rng.randint(1, 6))
        )
        body = f"<h1>{topic}</h1><p>发布日期：{stamp}　来源：示例区司法局</p><div id='zoom'>{text}</div><p>{rng.choice(STAMP)}</p>"
        title = rng.choice((topic, f"{topic}_示例市人民政府", f"{topic}-通知公告-示例区", "示例区人民政府"))
        charset = "gb18030" if n % 5 == 0 else "utf-8"
        yield f"bare article {n}", page(body, title=title, charset=charset)
        yield f"framed article {n}", framed(body, title=title)
    for n in range(120):
        topic, sentence = rng.choice(TOPICS), rng.choice(SENTENCES)
        short = f"<h1>{topic}</h1><p>{rng.choice(STAMP)}</p><p>{sentence}</p><p>特此通知。</p>"
        yield f"short notice {n}", framed(short, title=f"{topic}_示例区人民政府")
        if n % 3 == 0:
            yield f"short bare notice {n}", page(short, title=topic)
    for n in range(160):
        rows = "".join(
            f'<li><a href="./t2024{n % 12 + 1:02}01_{n}{k}.html" title="{(topic := rng.choice(TOPICS))}">{topic}</a><span>{rng.choice(STAMP)}</span></li>'
            for k in range(n % 6)
        )
        hidden = rng.choice(("", '<p style="display:none">没有找到相关内容</p>', "<p>共 0 条，暂无数据</p>"))
        yield (
            f"list of {n % 6} rows {n}",
            framed(
                f"<h2>法治政府建设</h2><ul>{rows}</ul>{hidden}", title="法治政府建设年度报告_示例区人民政府"
            ),
        )
    for n in range(40):
        guard = f"<script r='m'>$_ts=window['$_ts'];if(!$_ts)$_ts={{}};$_ts.nsd={n};</script><script src='/x/{n}.js' r='m'></script>"
        text = "".join(f"<p>{rng.choice(SENTENCES)}</p>" for _ in range(8))
        yield (
            f"guarded page {n}",
            framed(f"{guard}<h1>{rng.choice(TOPICS)}</h1>{text}", title=rng.choice(TOPICS)),
        )
    for n in range(12):
        boxes = "".join(f'<div class="ewb-box{k}"><ul id="list{k}"></ul></div>' for k in range(14))
        script = f"<script>$(function(){{window.setTimeout(load, {n});location.hash='';}});</script>"
        title = "" if n % 2 else "政务公开"
        yield f"empty list {n}", page(f"{boxes}<div class='pager'></div>{script}", title=title)
    for n in range(12):
        yield (
            f"frameset {n}",
            f"<html><head><title>政务公开</title><script>var t={n};</script></head><frameset rows='80,*'><frame src='/top{n}.html'><frame src='/list.html'></frameset></html>".encode(),
        )
    empty_lists = (
        '{"code":200,"msg":"操作成功","data":{"rows":[],"total":0},"success":true,"time":"2024-01-15"}',
        '{"status":"0","message":"","page":{"content":[],"totalElements":0,"totalPages":0,"size":10,"number":0}}',
        '{"success":true,"data":{"total":1,"results":[{"title":"关于系统错误的通报","url":"/a/1.html"}]},"msg":null}',
    )
    for n, answer in enumerate(empty_lists):
        yield f"JSON {n}", answer.encode()


def of_the_sample() -> Iterator[tuple[str, bytes]]:
    """Every page the sample portal has in its first years."""
    for year in range(3):
        portal = SamplePortal(year)
        for url in sorted(portal.urls):
            parts = urlsplit(url)
            asked = Request(url=url, host=SAMPLE_HOST, path=parts.path, query=parts.query, headers={})
            answer = portal(asked)
            if answer.status == 200 and answer.content_type.startswith("text/html"):
                yield f"sample {year} {parts.path}", answer.body


def of_the_world() -> Iterator[tuple[str, bytes]]:
    """Real pages beside the checkout, none where it is alone."""
    for folder in ("eval/extraction/pages", "pages/list"):
        for file in sorted((SHARED / folder).glob("*.html")):
            yield file.name, file.read_bytes()
