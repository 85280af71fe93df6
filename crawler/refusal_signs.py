"""How the anti-bot products met on Chinese portals can be told, by name.

Three kinds of evidence, each with the condition under which it counts: marks in a script count only on a page without
content (瑞数 and others put the same scripts into the real pages they guard), sentences count only on a page that is
little more than the sentence (a notice may quote them), statuses count alone. Sources: the field's record
(facts: platforms.md, section 4) and the fingerprints that public WAF lists agree on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

STATUS: Mapping[int, str] = {
    412: "瑞数",
    468: "anti-bot system with status 468",
    493: "奇安信网站卫士",
    521: "加速乐",
    567: "腾讯 EdgeOne",
}
"""Statuses no web server gives on its own; 412 needs a conditional request or 瑞数."""

_SCRIPT = (
    (re.compile(r"\$_ts\b|\br=['\"]m['\"]"), "瑞数"),
    (re.compile(r"__jsl_clearance|__jsluid|\bgo\(\{\s*\"bts\""), "加速乐"),
    (re.compile(r"EO_Bot_Ssid|__tst_status"), "腾讯 EdgeOne"),
    (
        re.compile(r"acw_sc__v[23]|\barg1\s*=\s*['\"][0-9A-Fa-f]{20,}|aliyun_?waf|_waf_bd8ce2ce37", re.I),
        "阿里云 WAF",
    ),
    (
        re.compile(r"wzws[-_]?(?:challenge|confirm|cid|rel|ray|template|method)|WZWSREL", re.I),
        "奇安信网站卫士",
    ),
    (re.compile(r"/(?:\.safeline|safeline)/|slg-(?:title|box|bg)|SafeLineChallenge", re.I), "长亭雷池"),
    (re.compile(r"yunsuo_session|security_session_(?:mid_)?verify"), "云锁"),
    (re.compile(r"/cdn-cgi/(?:challenge-platform|js/captcha)|_cf_chl_opt"), "CDN challenge"),
    (re.compile(r"/_guard/(?:auto|click|slide|html)\.js|guardret"), "GoEdge/百度云加速"),
    (re.compile(r"TencentCaptcha|turing\.captcha\.qcloud|waf\.tencent(?:-cloud)?\.com", re.I), "腾讯云 WAF"),
    (re.compile(r"https?_waf_cookie|(?:^|[;'\"\s])(?:HW)?waf(?:_)?(?:sessid|cookie)", re.I), "WAF cookie"),
    (re.compile(r"CT6TS?\b"), "openresty WAF"),
    (re.compile(r"awsWaf(?:CookieDomainList|Integration)|gokuProps"), "AWS WAF"),
    (
        re.compile(r"initGeetest|geetest\.com/|NECaptcha|AliyunCaptcha|nc_[\w]*captcha|smCaptcha", re.I),
        "captcha",
    ),
)
"""Marks inside scripts and markup."""

_SENTENCE = (
    (re.compile(r"创宇盾|知道创宇|yunaq\.com|当前访问疑似黑客攻击"), "创宇盾"),
    (re.compile(r"网宿|云盾.{0,8}拦截|您当前的访问行为存在异常|wangsu|quantil|chinanetcenter", re.I), "网宿"),
    (
        re.compile(r"EdgeOne|waf-static\.tencent|腾讯(?:云|T-Sec).{0,12}(?:防火墙|拦截|防护)", re.I),
        "腾讯 EdgeOne",
    ),
    (
        re.compile(
            r"可能对网站造成(?:安全)?(?:威胁|危险).{0,30}(?:阻断|拦截)|errors?\.aliyun(?:dun)?\.com|(?:阿里)?云盾"
        ),
        "阿里云 WAF",
    ),
    (re.compile(r"您的请求疑似攻击行为|HuaweiCloud(?:WAF)?|华为云.{0,6}防火墙"), "华为云 WAF"),
    (
        re.compile(r"GeoBL|WZWS|wangzhan\.(?:qianxin|360)|网站卫士|奇安信|zhuji\.360\.cn", re.I),
        "奇安信网站卫士",
    ),
    (re.compile(r"玄武盾|云防护.{0,6}拦截|安恒|dbappsecurity|明御", re.I), "安恒玄武盾"),
    (re.compile(r"安全狗|safedog|云锁|D盾_?拦截|宝塔.{0,8}防火墙|网站防火墙|护卫神", re.I), "host firewall"),
    (re.compile(r"百度云加速|yunjiasu|安全宝|加速乐"), "CDN firewall"),
    (re.compile(r"长亭|雷池|SafeLine|chaitin", re.I), "长亭雷池"),
    (re.compile(r"绿盟|NSFOCUS|深信服|Sangfor|天融信|启明星辰", re.I), "firewall appliance"),
    (re.compile(r"The requested URL was rejected|Request Rejected|support ID is", re.I), "F5"),
    (
        re.compile(
            r"Attention Required!|Checking your browser|Just a moment\.\.\.|The request could not be satisfied"
            r"|Sorry, (?:your request|you) ha(?:s|ve) been blocked|Access Denied|Incapsula incident",
            re.I,
        ),
        "CDN firewall",
    ),
)
"""Names and standard sentences of block pages."""

_ITSELF = re.compile(
    r"创宇盾|当前访问疑似黑客攻击|您当前的访问行为存在异常|您的请求疑似攻击行为|GeoBL"
    r"|The requested URL was rejected|Request Rejected"
    r"|Attention Required!|Checking your browser|Just a moment\.\.\.|The request could not be satisfied"
    r"|Access Denied(?!.{0,6}[\u3400-\u9fff])|Incapsula incident"
    r"|Sorry, (?:your request|you) ha(?:s|ve) been blocked|waf-static\.tencent|errors?\.aliyun(?:dun)?\.com"
    r"|D盾_?拦截",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"(?:您|你|该|此|本次|当前|客户端)?(?:的)?(?:访问|请求|操作|IP|行为|URL|链接)(?:地址|请求|行为|内容)?.{0,30}?"
    r"(?:已?被.{0,14}?(?:拦截|拒绝|阻断|阻止|屏蔽|禁止|限制|封禁|封锁)|存在(?:安全)?(?:异常|风险|威胁)|不合法"
    r"|过于频繁)"
    r"|(?:请求|提交).{0,8}(?:带有|包含).{0,8}(?:不合法|非法|恶意|危险).{0,6}(?:参数|内容|字符|行为)"
    r"|(?:Web|网站|网页)?应用防火墙.{0,20}(?:拦截|阻断|阻止)|访问(?:禁止|受限|被拒绝)|检测到.{0,10}(?:可疑"
    r"|异常|恶意|攻击).{0,6}(?:访问|请求|行为)"
    r"|(?:非法|恶意)(?:访问|请求|操作).{0,12}(?:拦截|记录|拒绝)|(?:IP|地址|地区|区域).{0,12}(?:不允许|禁止"
    r"|无权|限制)访问"
)
"""That an access was blocked, in any firewall's words."""

_VERIFY = re.compile(
    r"(?:请|需要?|须)(?:您)?(?:先)?(?:完成|进行|通过|点击|拖动|滑动|按住|按照).{0,14}(?:验证|滑块|拼图|校验|检测)"
    r"|(?:拖动|向右滑动|按住|滑动).{0,8}(?:滑块|滑动|拼图|验证|完成)|点击.{0,10}(?:进行|完成|开始).{0,4}验证"
    r"|正在(?:进行|为您)?(?:进行)?.{0,6}(?:安全|人机|浏览器|环境|访问).{0,4}(?:检测|检查|验证|校验)"
    r"|(?:安全|人机|访问|滑动|滑块|身份)验证.{0,12}(?:继续|通过后|后.{0,4}访问|以确认)"
    r"|输入.{0,6}验证码.{0,14}(?:继续|访问|确认)"
    r"|确认(?:您|你)(?:不是|是).{0,4}(?:机器人|真人)|(?:浏览器)?安全检查中"
    r"|(?:开启|启用|打开).{0,4}JavaScript.{0,12}(?:刷新|后.{0,6}(?:访问|浏览|重试)|继续)",
    re.IGNORECASE,
)
"""That the visitor is asked to prove something."""

_VERIFY_TITLE = re.compile(
    r"(?:网站|页面|系统|浏览器)?(?:安全|访问|人机|滑动|滑块|身份|行为|图形|真人)?(?:验证(?:码|页面?|中心)?"
    r"|校验|检测|检查)(?:页面?|中|\.{3}|…)?"
    r"|(?:访问|请求)(?:被|已被)?(?:拦截|拒绝|阻断|受限|禁止|异常)|(?:WAF|安全|防火墙)?拦截(?:提示|页面?|通知)?"
    r"|网站防火墙|创宇盾.*"
    r"|(?:verification|security check|captcha|slide to verify|please wait|just a moment|request rejected"
    r"|access denied|blocked)[^\u3400-\u9fff]{0,40}",
    re.IGNORECASE,
)
"""A whole title of a challenge page; searched as a whole, since an article's title may contain the words."""

_ACTIVE = re.compile(
    r"document\.cookie|location\.(?:reload|replace|assign)\s*\(|location(?:\.href)?\s*=|\beval\s*\("
    r"|fromCharCode|\bunescape\s*\("
    r"|\batob\s*\(|_0x[0-9a-f]{3,}|_\$[\w$]{2}\(|window\[['\"]|setTimeout|\.submit\s*\(|debugger",
    re.IGNORECASE,
)
"""A script that does something to get the visitor elsewhere, or hides what it does."""


def in_script(text: str) -> str | None:
    """The product whose marks stand in a page's scripts or markup."""
    return next((name for pattern, name in _SCRIPT if pattern.search(text)), None)


def in_words(text: str) -> str | None:
    """The product a short page names, or ``firewall`` where it only says that the access was blocked."""
    named = next((name for pattern, name in _SENTENCE if pattern.search(text)), None)
    return named or ("firewall" if _BLOCKED.search(text) else None)


def names_itself(text: str) -> bool:
    """True for the standard sentences and marks that only block pages carry, without a word about why."""
    return bool(_ITSELF.search(text))


def says_blocked(text: str) -> str | None:
    """The words by which a page says that the access was blocked."""
    found = _BLOCKED.search(text)
    return found.group(0) if found else None


def asks_to_verify(text: str) -> str | None:
    """The words by which a page asks its visitor to prove something."""
    found = _VERIFY.search(text)
    return found.group(0) if found else None


def is_challenge_title(title: str) -> bool:
    """True if a title is that of a challenge or block page, as a whole."""
    return bool(_VERIFY_TITLE.fullmatch(title.strip(" -_|·—–!！。.")))


def acts(scripts: str) -> bool:
    """True for scripts that set cookies, reload, navigate or hide what they do."""
    return bool(_ACTIVE.search(scripts))


def in_headers(headers: Mapping[str, str]) -> str | None:
    """The product that says in its headers that it blocked the answer.

    Args:
        headers: Names in lower case. A mark that also stands on passed answers (``X-Via-JSL``) is none.
    """
    values = " ".join(headers.values())
    if "geobl" in values.lower():
        return "奇安信网站卫士 (GeoBL: blocked by region)"
    if headers.get("x-amzn-waf-action"):
        return "AWS WAF"
    ray = headers.get("wzws-ray")
    if ray and ("waf" in ray.lower() or headers.get("content-length") == "0"):
        return "奇安信网站卫士"
    return None
