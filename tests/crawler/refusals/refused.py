"""Answers that are no content, in the shapes in which they are met; texts and keys are made up.

Sources of the shapes: the field's record (facts: platforms.md 4), public lists of WAF fingerprints, and what people who met
them wrote down. Random-looking strings are drawn from a seeded generator: a rule must not hang on them.
"""

from __future__ import annotations

from tests.crawler.refusals.answers import ERROR, SHELL, SOFT_404, Refused, framed, page
from tests.crawler.refusals.challenges import CHALLENGES

SHELLS = (
    Refused(
        name="page drawn by its script",
        outcome=SHELL,
        body=page(
            '<div id="app"></div><script type="module" src="/assets/index.4f2c.js"></script>',
            title="示例区人民政府",
        ),
    ),
    Refused(
        name="script that leads on",
        outcome=SHELL,
        body=b"<html><head><script>window.location.href='/zwgk/index.shtml';</script></head><body></body></html>",
    ),
    Refused(
        name="framework's empty root",
        outcome=SHELL,
        body=page(
            '<div id=root></div><script src="/static/js/main.8a7c.chunk.js"></script>', title="政务公开"
        ),
    ),
)

_PLAIN = (
    ("404", "<h1>404</h1><p>抱歉，您访问的页面不存在</p>"),
    (
        "404 Not Found",
        "<h1>Not Found</h1><p>The requested URL /zwgk/t20240102_1.html was not found on this server.</p>",
    ),
    (
        "页面不存在",
        "<p>对不起，您要访问的页面已被删除、更名或暂时不可用。</p><p><a href='/'>返回首页</a></p>",
    ),
    ("提示信息", "<p>该信息已删除</p>"),
    ("系统提示", "<p>您查看的信息不存在或未发布！</p><a href='javascript:history.back()'>返回</a>"),
    ("出错啦", "<p>哎呀，页面走丢了…</p><p>5秒后自动返回首页</p>"),
    ("", "<p>很遗憾，您要查看的网页可能已被删除、名称已被更改，或者暂时不可用。</p>"),
    ("", "<div>文章不存在或已被管理员删除</div>"),
    ("提示", "<p>参数错误，没有找到相关文章</p>"),
    ("Error 404--Not Found", "<p>From RFC 2068 Hypertext Transfer Protocol: 10.4.5 404 Not Found</p>"),
    ("您访问的页面找不到了", "<p>可能的原因：网址有误；页面已转移。</p>"),
    ("", "<p>无法找到该页</p><p>您正在搜索的页面可能已经删除、更名或暂时不可用。</p>"),
    ("信息提示", "<p>此栏目已停用</p>"),
    ("404错误提示_示例市人民政府", "<p>您所访问的链接已失效，请检查网址是否正确</p>"),
)
SOFT_404S = (
    *(
        Refused(
            name=f"bare {n}: {title or body[:20]}",
            body=page(body, title=title),
            outcome=SOFT_404,
            also=frozenset({ERROR}),
        )
        for n, (title, body) in enumerate(_PLAIN)
    ),
    Refused(
        name="in GBK",
        body=page("<p>对不起，您访问的页面不存在或已被删除！</p>", title="提示", charset="gbk"),
        outcome=SOFT_404,
    ),
    *(
        Refused(
            name=f"framed {n}: {line}",
            body=framed(f"<div class='err'><img src='/404.png'><p>{line}</p></div>", title=title),
            outcome=SOFT_404,
        )
        for n, (title, line) in enumerate(
            (
                ("示例市人民政府", "抱歉，您访问的页面不存在或已被删除！"),
                ("404-示例市人民政府门户网站", "页面找不到了"),
                ("示例市人民政府门户网站", "您所请求的网页不存在，请返回<a href='/'>首页</a>"),
                ("提示信息 - 示例区政务公开", "您要查看的文章已被移除"),
                ("示例县人民政府", "404，页面飞走了"),
                ("找不到页面_示例区人民政府", "请核对地址后再试"),
            )
        )
    ),
)
ERRORS = (
    Refused(name="系统异常", body=page("<p>系统异常，请稍后再试</p>", title="出错了"), outcome=ERROR),
    Refused(
        name="maintenance",
        body=page("<p>网站正在维护中，给您带来不便敬请谅解。</p>", title="网站维护"),
        outcome=ERROR,
    ),
    Refused(
        name="Java trace",
        body=page(
            "<pre>java.lang.NullPointerException\n at com.trs.web2frame.Dispatch.run(Dispatch.java:88)</pre>",
            title="HTTP Status 500 – Internal Server Error",
        ),
        outcome=ERROR,
    ),
    Refused(
        name="framed trace",
        body=framed(
            "<p>org.springframework.web.util.NestedServletException: Request processing failed</p>",
            title="示例区人民政府",
        ),
        outcome=ERROR,
    ),
    Refused(
        name="ASP.NET",
        body=page("<h1>Server Error in '/' Application.</h1><h2>Runtime Error</h2>", title="Runtime Error"),
        outcome=ERROR,
    ),
    Refused(
        name="Spring",
        body=b"<html><body><h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error</p></body></html>",
        outcome=ERROR,
        also=frozenset({SOFT_404}),
    ),
    Refused(
        name="nginx's own page",
        body=page(
            "<h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed.</p>",
            title="Welcome to nginx!",
        ),
        outcome=ERROR,
    ),
    Refused(
        name="panel's own page",
        body=page(
            "<h1>恭喜，站点创建成功！</h1><p>这是默认index.html，本页面由系统自动生成</p>",
            title="恭喜，站点创建成功！",
        ),
        outcome=ERROR,
    ),
    Refused(
        name="no site bound",
        body=page(
            "<h1>没有找到站点</h1><p>您的请求在Web服务器中没有找到对应的站点！</p>", title="没有找到站点"
        ),
        outcome=ERROR,
        also=frozenset({SOFT_404}),
    ),
    Refused(name="database", body=page("<p>数据库连接失败</p>", title=""), outcome=ERROR),
    Refused(
        name="JSON success false",
        body='{"success":false,"msg":"系统错误","data":null,"code":1000,"traceId":"8f1f2a3b4c5d6e7f"}'.encode(),
        outcome=ERROR,
    ),
    Refused(
        name="JSON state 500",
        body='{\n  "msg": "检索失败，服务器发生错误",\n  "state": 500,\n  "data": null,\n  "time": 1719826021\n}'.encode(),
        outcome=ERROR,
    ),
    Refused(
        name="JSON error true",
        body='{"num":"-10000","error":true,"message":"服务器异常，请联系管理员","rows":[]}'.encode(),
        outcome=ERROR,
    ),
    Refused(
        name="JSON code 401",
        body='{"code":"401","message":"token无效或已过期，请重新登录","result":{},"timestamp":1719826021}'.encode(),
        outcome=ERROR,
    ),
    Refused(
        name="JSON with an address",
        body=b'{"status":404,"error":"Not Found","message":"No message available","path":"http://www.example.gov.cn/x"}',
        outcome=ERROR,
    ),
)
ALL = (*CHALLENGES, *SHELLS, *SOFT_404S, *ERRORS)
