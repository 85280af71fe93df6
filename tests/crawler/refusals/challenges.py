"""Challenges and blocks of firewalls, in the shapes in which they are met; texts and keys are made up."""

from __future__ import annotations

import random

from tests.crawler.refusals.answers import CHALLENGE, Refused, noise, page


def ruishu(status: int, size: int = 3_000) -> Refused:
    """瑞数: meta with a seed, an inline table, an outside script, a call of a name that changes."""
    call = noise(f"call{status}", 3)
    return Refused(
        name=f"瑞数 {status} {size}",
        status=status,
        body=(
            f'<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
            f'<meta id="{noise("id", 12)}" content="{noise("seed", 80)}" r="m"><!--[if lt IE 9]><script r="m">'
            'document.createElement(\'section\')</script><![endif]--><script type="text/javascript" r="m">'
            f"$_ts=window['$_ts'];if(!$_ts)$_ts={{}};$_ts.nsd={len(call) * 8123};$_ts.cd=\"{noise('cd', size)}\";"
            'if($_ts.lcd)$_ts.lcd();</script><script type="text/javascript" charset="utf-8" '
            f'src="/{noise("d", 10)}/{noise("f", 11)}.{noise("v", 6)}.js" r="m"></script>'
            f'<script type="text/javascript" r="m">_${call}();</script></head><body></body></html>'
        ).encode(),
        outcome=CHALLENGE,
        headers={
            "set-cookie": f"{noise('c', 12)}S=6{noise('s', 60)}; Path=/; HttpOnly",
            "server": "wafnginx",
        },
    )


def fuck(length: int) -> str:
    """JSFuck, as the first step of 加速乐 has it."""
    rng = random.Random(length)
    return "".join(
        rng.choice(["(![]+[])", "[+!+[]]", "([][[]]+[])", "+((+!+[])+(+!+[]))", "[!+[]+!+[]]"])
        for _ in range(length)
    )


JSL = {
    "set-cookie": f"__jsluid_s={noise('jsl', 32)}; max-age=31536000; path=/; HttpOnly; SameSite=None; secure",
    "server": "nginx",
}

CHALLENGES = (
    ruishu(412),
    ruishu(412, 60_000),
    ruishu(202),
    ruishu(200, 20_000),
    Refused(name="瑞数 412 without a body", status=412, body=b"", outcome=CHALLENGE),
    Refused(
        name="瑞数 passing limit",
        status=404,
        body=b"",
        outcome=CHALLENGE,
        headers={"wzws-ray": "1235-1719826021.482"},
    ),
    Refused(
        name="加速乐, first step",
        status=521,
        headers=JSL,
        outcome=CHALLENGE,
        body=f"<script>document.cookie=('_')+('_')+('j')+{fuck(90)}+(';path=/');location.href=location.pathname+location.search</script>".encode(),
    ),
    Refused(
        name="加速乐, second step",
        status=521,
        headers=JSL,
        outcome=CHALLENGE,
        body=(
            f"<script>var _0x1f2a=['{noise('a', 900)}'];(function(_0x3b,_0x4c){{var _0x5d=function(_0x6e){{while(--_0x6e)_0x3b['push'](_0x3b['shift']());}};"
            f'_0x5d(++_0x4c);}}(_0x1f2a,0x1a3));function go(_0x7f){{{noise("b", 4000)}}};go({{"bts":["1719826021.482|0|'
            f'{noise("t", 3)}","{noise("u", 24)}%3D"],"chars":"{noise("v", 22)}","ct":"{noise("w", 40)}","ha":"sha1","is":true,'
            '"tn":"__jsl_clearance_s","vt":"3600","wt":"1500"})</script>'
        ).encode(),
    ),
    Refused(
        name="加速乐 with status 200",
        headers=JSL,
        outcome=CHALLENGE,
        body=f"<html><head></head><body><script>document.cookie='__jsl_clearance_s='+{fuck(20)}+';Max-age=3600';location.href=location.pathname</script></body></html>".encode(),
    ),
    Refused(name="468", status=468, body=b"<html><body><h1>468</h1></body></html>", outcome=CHALLENGE),
    Refused(
        name="WZWS by region",
        status=403,
        outcome=CHALLENGE,
        headers={"server": "openresty", "wzws-ray": "1244-1719826021.482-waf03lyltd"},
        body=page(
            "<center><h1>403 Forbidden</h1></center><hr><p>reason:GeoBL event:1719826021</p>",
            title="403 Forbidden",
        ),
    ),
    Refused(
        name="WZWS by header alone",
        status=403,
        outcome=CHALLENGE,
        headers={"x-reason": "GeoBL"},
        body=page("<center><h1>403 Forbidden</h1></center>", title="403 Forbidden"),
    ),
    Refused(
        name="WZWS script",
        outcome=CHALLENGE,
        body=page(
            "<noscript><h1><strong>请开启JavaScript并刷新该页.</strong></h1></noscript>"
            f"<script>eval(function(p,a,c,k,e,r){{{noise('wz', 1800)}}}('var wzwsquestion=\"{noise('q', 10)}\";WZWSREL=\"{noise('r', 90)}\"'.split('|'),0,{{}}))</script>",
            title="",
        ),
    ),
    Refused(
        name="网宿 403",
        status=403,
        outcome=CHALLENGE,
        headers={"server": "Cdn Cache Server V2.0", "x-via": "1.1 PSbjwjBGP:4 (Cdn Cache Server V2.0)"},
        body=page(
            "<div class='box'><p>您当前的访问行为存在异常，请稍后重试</p><p>Your current behavior is detected as abnormal.</p>"
            f"<p>Request ID：{noise('ws', 24)}</p><p>客户端IP：203.0.113.8</p></div>",
            title="访问异常",
        ),
    ),
    Refused(
        name="创宇盾 405",
        status=405,
        outcome=CHALLENGE,
        body=page(
            "<div class='wrap'><h3>创宇盾提示您：</h3><p>当前访问疑似黑客攻击，已被网站管理员设置为拦截。</p><p>您的访问IP: 203.0.113.8</p>"
            "<p>如果您是网站管理员，请登录知道创宇云防御查看详情。</p><a href='https://www.yunaq.example/'>创宇盾</a></div>",
            title="创宇盾",
        ),
    ),
    Refused(
        name="创宇盾 200",
        outcome=CHALLENGE,
        body=page(
            "<div>当前访问疑似黑客攻击，已被创宇盾拦截。</div><div>Event ID: " + noise("cy", 20) + "</div>",
            title="网站防护",
        ),
    ),
    Refused(
        name="EdgeOne cookies",
        outcome=CHALLENGE,
        headers={"server": "TencentEdgeOne", "eo-log-uuid": "6821"},
        body=(
            b"<html><head><script>function a(n){var t=new Date();t.setTime(t.getTime()+n);return t}var e={WTKkN:2994459411,bOYDu:43269009,"
            b'cKeyP:function(a,n){return a+n},wyeCN:1143439771};function s(){document.cookie="__tst_status="+(e.cKeyP(e.WTKkN,e.bOYDu)+e.wyeCN)'
            b'+"#;";document.cookie="EO_Bot_Ssid="+3612672000+";path=/";setTimeout(function(){window.location.reload(true)},10)}s()</script></head><body></body></html>'
        ),
    ),
    Refused(
        name="EdgeOne 567",
        status=567,
        outcome=CHALLENGE,
        headers={"server": "TencentEdgeOne"},
        body=page(
            "<h1>Restricted Access</h1><p>The request was restricted by the security policy.</p>", title="567"
        ),
    ),
    Refused(
        name="腾讯云 WAF 403",
        status=403,
        outcome=CHALLENGE,
        body=page(
            f'<iframe width="100%" height="100%" src="https://waf-static.tencent.example/501page.html?u=%2F&id={noise("tc", 32)}&st=00"></iframe>'
            "<!-- waf-static.tencent -->抱歉，您的请求已被腾讯T-Sec Web应用防火墙拦截",
            title="501",
        ),
    ),
    Refused(
        name="阿里云 405",
        status=405,
        outcome=CHALLENGE,
        headers={"server": "Tengine"},
        body=page(
            "<div data-spm='1998410538'><div class='header'><div class='message'>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。"
            f"<div>您的请求ID是: <strong>{noise('al', 30)}</strong></div></div></div></div>",
            title="405",
        ),
    ),
    Refused(
        name="阿里云 acw_sc__v2",
        outcome=CHALLENGE,
        headers={"set-cookie": f"acw_tc={noise('acw', 60)};path=/;HttpOnly;Max-Age=3600"},
        body=(
            f"<html><script>var arg1='{random.Random(1).randbytes(20).hex().upper()}';var _0x4818=['\\x63\\x73'];function _0x4b(){{{noise('acw2', 9000)}}};"
            "function setCookie(name,value){var expiredate=new Date();document.cookie=name+'='+value+';expires='+expiredate.toGMTString()+';max-age=3600;path=/';}"
            "function reload(x){setCookie('acw_sc__v2',x);document.location.reload();}</script></html>"
        ).encode(),
    ),
    Refused(
        name="阿里云 slider",
        outcome=CHALLENGE,
        body=page(
            "<div id='nocaptcha'></div><p>访问验证</p><p>请按住滑块，拖动到最右边</p><p>通过验证以确保正常访问</p>"
            "<script>var renderData={};AliyunCaptcha.init({});</script>",
            title="访问验证",
        ),
    ),
    Refused(
        name="华为云 418",
        status=418,
        outcome=CHALLENGE,
        headers={"server": "HuaweiCloudWAF"},
        body=page(
            "<h2>访问被拦截！</h2><p>您的请求疑似攻击行为！</p><p>事件ID：" + noise("hw", 28) + "</p>",
            title="访问被拦截！",
        ),
    ),
    Refused(
        name="长亭雷池 468 script",
        status=468,
        outcome=CHALLENGE,
        body=page(
            "<div id='slg-title'>正在进行安全检测</div><script src='/.safeline/static/challenge.js'></script>",
            title="安全检测",
        ),
    ),
    Refused(
        name="长亭雷池 403",
        status=403,
        outcome=CHALLENGE,
        body=page(
            "<p>请求存在威胁，已被拦截</p><p>雷池 WAF 提供防护</p><p>event_id: " + noise("sl", 32) + "</p>",
            title="拦截提示",
        ),
    ),
    Refused(
        name="安恒玄武盾",
        status=403,
        outcome=CHALLENGE,
        body=page(
            "<p>您的访问可能对网站造成危险，已被云防护安全拦截</p><p>玄武盾 · 网站卫士</p>", title="安全拦截"
        ),
    ),
    Refused(
        name="安全狗 in GBK",
        outcome=CHALLENGE,
        body=page(
            "<h1>网站防火墙</h1><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p><p>可能原因：您提交的内容包含危险的攻击请求</p>",
            title="网站防火墙",
            charset="gbk",
        ),
    ),
    Refused(
        name="云锁",
        outcome=CHALLENGE,
        headers={"set-cookie": "security_session_verify=" + noise("ys", 32) + "; path=/; HttpOnly"},
        body=(
            b"<html><body><script>function YunSuoAutoJump(){var width=screen.width;var height=screen.height;var screendate=width+','+height;"
            b"document.cookie='srcurl='+stringToHex(window.location.href)+';path=/;';self.location=window.location.href+'?security_verify_data='+stringToHex(screendate);}"
            b"setTimeout('YunSuoAutoJump()',50);</script><!-- security_session_mid_verify --></body></html>"
        ),
    ),
    Refused(
        name="宝塔 403",
        status=403,
        outcome=CHALLENGE,
        body=page(
            "<h1>您的请求带有不合法参数，已被网站管理员设置拦截！</h1><p>宝塔网站防火墙</p>",
            title="宝塔防火墙",
        ),
    ),
    Refused(
        name="F5",
        outcome=CHALLENGE,
        body=(
            b"<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br><br>"
            b"Your support ID is: 4045204596866416688<br><br><a href='javascript:history.back();'>[Go Back]</a></body></html>"
        ),
    ),
    Refused(
        name="深信服 in GB2312",
        outcome=CHALLENGE,
        body=page(
            "<p>您访问的请求中包含非法参数，已被深信服应用防火墙拦截</p><p>请联系网站管理员</p>",
            title="拦截提示",
            charset="gb2312",
        ),
    ),
    Refused(
        name="安全验证, slider",
        outcome=CHALLENGE,
        body=page(
            "<h2>安全验证</h2><p>为了保护您的访问安全，请拖动滑块完成拼图</p><div class='slider'></div><script>initGeetest4({captchaId:'x'})</script>",
            title="安全验证",
        ),
    ),
    Refused(
        name="安全验证, code",
        outcome=CHALLENGE,
        body=page(
            "<form><p>您的访问过于频繁，请输入图片中的验证码后继续访问</p><img src='/captcha.jpg'><input name='code'><button>提交</button></form>",
            title="提示",
        ),
    ),
    Refused(
        name="browser check with 503",
        status=503,
        outcome=CHALLENGE,
        body=page(
            "<h1>正在检测浏览器安全环境，请稍候</h1><p>浏览器安全检查中，还剩 5 秒</p><script>setTimeout('location.reload()',5000)</script>",
            title="安全检测中",
        ),
    ),
    Refused(
        name="JS shell of 2 kB",
        outcome=CHALLENGE,
        body=f"<html><body><script>var _0x2c1f=['{noise('sh', 1500)}'];(function(){{eval(unescape('%64%6f%63'));window['location']['reload']();}})();</script></body></html>".encode(),
    ),
    Refused(
        name="JS shell with a cookie of its own make",
        outcome=CHALLENGE,
        body=(
            b"<html><head><meta charset='utf-8'><script>function h(n){var r=0;for(var i=0;i<n.length;i++)r=r*31+n.charCodeAt(i)&0x7fffffff;return r}"
            b"document.cookie='chk='+h(navigator.userAgent+'20240328')+';path=/';location.replace(location.href)</script></head><body></body></html>"
        ),
    ),
    Refused(name="202 without a body", status=202, body=b"", outcome=CHALLENGE),
    Refused(
        name="202 AWS-like",
        status=202,
        outcome=CHALLENGE,
        headers={"x-amzn-waf-action": "challenge"},
        body=b"<html><head><script src='/challenge.js'></script></head><body><div id='challenge-container'></div></body></html>",
    ),
    Refused(
        name="please enable JavaScript",
        outcome=CHALLENGE,
        body=page(
            "<p>请开启JavaScript后继续访问本站</p><script src='/js/check.js'></script>", title="loading"
        ),
    ),
)
