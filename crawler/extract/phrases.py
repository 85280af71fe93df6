"""The words of page furniture: what publish lines, tool bars, index tables and footers are made of."""

from __future__ import annotations

import re


def label(words: str) -> str:
    """A pattern of labels as printed: their characters may stand apart (索 引 号)."""
    return "(?:" + "|".join(r"\s*".join(word) for word in words.split()) + ")"


DATE = (
    r"(?:\d{2,4}\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}\s*日?"
    r"(?:\s*[T-]?\s*\d{1,2}\s*[:：时]\s*\d{1,2}(?:\s*[:：分]\s*\d{1,2}(?:\.\d+)?秒?)?分?)?|\d{8})"
)
FULL_DATE = re.compile(r"(?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}")
BARE_DATE = re.compile(rf"\W*{DATE}\W*")

_COLON = r"\s*[:：]\s*"
# A value ends where the next label or a wide gap begins; 40 characters hold the longest name of an office.
_VALUE = (
    r"(?:(?!\s(?:\S{2,6}[:：]))[^。；！？\t]){0,40}?(?=\s*$|\t|\s{1,4}\S{2,8}\s?[:：]|\s*[【\[|｜]|\s*"
    + label(
        "发布时间 发布日期 信息来源 来源 浏览 阅读 点击 访问 字号 字体 打印 作者 编辑 责任编辑 分享 大"
        " 视力保护"
    )
    + r"\s*[:：\[【]?)"
)

_FILED = (
    "索引号 信息索引号 主题分类 体裁分类 组配分类 服务对象分类 公文种类 发文机关 发文机构 发布机构"
    " 发布机关 发布单位 公开主体"
    " 制发机关 成文日期 成文时间 生成日期 发文日期 公开日期 生效日期 失效日期 废止日期 有效性 是否有效"
    " 时效性 发文字号 文号"
    " 文件编号 统一编号 统一登记号 信息名称 公开方式 公开属性 公开形式 公开类别 公开范围 公开时限"
    " 信息类别 主题词 关键词"
    " 内容概述 信息有效性"
)
# In a table these are labels too; in running lines they are too common.
_FILED_IN_TABLE = (
    " 索引 信息分类 分类 文种 发文单位 公开责任部门 责任部门 生成时间 印发日期 发布日期 发布时间"
    " 公开时间 生效时间 实施日期"
    " 施行日期 失效时间 废止时间 时效 效力状态 有效期 文件号 公文号 登记号 规范性文件编号 名称 标题"
    " 公文名称 文件名称"
    " 信息格式 内容概要 关键字 语种 载体类型 所属主题 公开程序 记录形式 著录日期 文件状态 文件类型 来源"
    " 信息来源 备注"
    " 主要内容 概述"
)
# Longest first: 发布机构 must not be read as 发布.
INDEX_LABELS = label(" ".join(sorted((_FILED + _FILED_IN_TABLE).split(), key=len, reverse=True)))
INDEX_CELL = re.compile(rf"[\s【\[]*{INDEX_LABELS}[\s】\]]*[:：]?")
INDEX_LINE = re.compile(rf"[\s【\[]*{label(_FILED)}[\s】\]]*[:：]")

_DATE_WORDS = "发布 发文 更新 成文 生成 公开 添加 录入 上传 发表 修改 稿件 时间 日期 信息 文章 最后更新"
_NAME_WORDS = (
    "信息来源 文章来源 稿件来源 新闻来源 内容来源 来源 稿源 出处 作者 责任编辑 责编 编辑 编审 初审 复审"
    " 终审 审核 审核人"
    " 签发 校对 撰稿 供稿 供稿单位 发布单位 发布机构 发布人 发布者 信息提供 录入 录入人 录入者 编辑人"
    " 投稿 拍摄 一审 二审"
    " 三审 作者单位 发文机关 文章类型 信息类型 所属栏目 栏目 分类"
)
_COUNT_WORDS = "浏览 阅读 点击 访问 查看 人气 阅览 点击率 浏览量 点击量 阅读量 访问量 已阅 关注度"
_BUTTONS = (
    "特大|超大|大|中|小|默认|正常|打印|关闭|收藏|返回|分享|复制|纠错|T\\|T|打印本页|关闭窗口|关闭本页"
    "|打印文章|我要打印"
    "|打印此页|打印本文|推荐|全文下载"
)
_SHARES = (
    "新浪微博|腾讯微博|微信好友|微信朋友圈|微信|微博|朋友圈|QQ空间|QQ好友|QQ|人人网|豆瓣网|豆瓣|开心网"
    "|百度贴吧|更多平台|更多"
)
_ABOUT = (
    "关于我们|联系我们|联系方式|网站地图|站点地图|网站声明|网站纠错|隐私声明|隐私保护|法律声明|免责声明"
    "|使用帮助|网站帮助"
    "|版权声明|网站申明|意见建议|设为首页|加入收藏"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

# Each alternative is one piece of a publish line, a tool bar or a footer. Every repetition is bounded: no
# line costs more than its length.
_PIECES = (
    # dates and names with their labels
    rf"(?:{label(_DATE_WORDS)}{{0,2}}\s*{label('时间 日期 于 在')}|发布|发表于|发布于){_COLON}(?:{DATE})?",
    rf"{DATE}(?!\S*[\u4e00-\u9fff]{{3}})",
    rf"{label(_NAME_WORDS)}{_COLON}{_VALUE}",
    (
        rf"{label(_COUNT_WORDS)}\s*(?:次数|人次|数|量|率|数量|总数)?"
        rf"{_COLON}[\[(（]?\s*\d{{0,9}}\s*[\])）]?\s*次?"
    ),
    r"(?:本文|本页|此文|该信息)?已?(?:被)?(?:浏览|阅读|访问|点击)(?:了|量)?\s*\d{0,9}\s*次",
    # letter sizes, colours, tools
    r"(?:【|\[)?\s*(?:字\s*[号体](?:大小|选择|显示)?|文字大小|字体大小)\s*[:：]?",
    rf"[【\[(（<]\s*(?:{_BUTTONS})\s*[】\])）>]",
    r"(?:放大|缩小|默认|正常|恢复|超大|特大|较大|A[+-]|[大中小](?=$|[\s|大中小】\]]))",
    (
        r"(?:视力保护色|背景色|语音播报|语音朗读|点击播报|听全文|朗读|繁体版|简体版|无障碍|适老化|长者模式"
        r"|手机版|手机浏览)[:：]?"
    ),
    (
        r"(?:我要|点击)?(?:打印|关闭|收藏|保存|复制|纠错|转发|推荐|下载)"
        r"(?:本页|本文|此页|此文|窗口|页面|该页|文章|网页|全文|链接)?"
        r"(?=$|[\s|｜/【\[(（<>】\])）打关收保复纠转返分推我扫])"
    ),
    r"(?:返回|回到)(?:顶部|首页|列表|上页|上一页|上级|目录)?(?=$|[\s|｜/【\[(（<>】\])）打关收])|TOP|Top",
    r"(?:一键)?分享(?:到|至|按钮|此文|本页)?\s*[:：]?(?:$|(?=[\s【\[微新QＱ人朋豆腾到]))",
    rf"(?:分享到?)?(?:{_SHARES})(?=$|[\s|｜/、分微新腾朋Q人豆开百更])",
    (
        r"(?:微信)?扫[一码描]?[一扫描]{0,3}(?:二维码)?[，,]?\s*(?:用|在|到)?(?:手机|微信|移动端)?(?:上|端)?"
        r"(?:打开|查看|浏览|访问|分享|阅读|继续)[^。，；]{0,16}"
    ),
    r"扫一扫[^。；]{0,20}|用手机(?:看|查看|打开|浏览)[^。；]{0,12}|手机扫[^。；]{0,16}|(?:手机)?二维码",
    r"我要(?:纠错|评论|留言|咨询|提问|收藏|分享)|用户评论|发表评论|网友评论|相关评论",
    r"上\s*一\s*[篇条页张]|下\s*一\s*[篇条页张]|没有了|已经是(?:第一|最后)[篇条]|暂无(?:内容|数据|信息)?",
    r"(?:您|你)?(?:现在|当前|目前)?的?(?:所在)?(?:当前)?(?:位置|栏目)[:：是]",
    r"(?:您|你)(?:现在|当前|目前)?(?:所在|的)?的?位置[:：是]?|当前位置[:：]?",
    r"浏览字号|网站支持IPV6|本网站?支持IPv6|[-—]{3,80}|\*{3,80}|_{3,80}|={3,80}",
    r"今天是[^。]{0,30}|现在是[^。]{0,30}\d[^。]{0,10}",
    r"(?:欢迎)?您?是?(?:本站)?第\s*\d{0,12}\s*位(?:访客|访问者|浏览者)",
    r"附件下载|相关附件|附件列表|文件下载|下载附件|点击下载|相关下载",
    # footers
    (
        r"(?:网站|本站)?(?:主办|承办|协办|主管|维护|建设|运维|技术支持|版权所有|版权|运行管理"
        r"|运行维护)(?:单位|部门)?"
        r"\s*[:：©][^。]{0,60}"
    ),
    r"[^。；，]{0,40}(?:版权所有(?=\s*(?:$|[©:：(（|]|\s))|Copyright|copyright|COPYRIGHT|©)[^。]{0,80}",
    r"(?:政府)?网站?标识码\s*[:：]?\s*(?:\d{10}|bm\d{8})?",
    rf"[{_PROVINCES}]\s*ICP\s*[备证]\s*(?:案)?\s*\d{{0,12}}\s*号?(?:\s*-\s*\d{{1,4}})?",
    rf"[{_PROVINCES}]?\s*公网安备\s*(?:案)?[:：]?\s*\d{{0,18}}\s*号?",
    rf"(?:网站)?(?:{_ABOUT})(?=$|[\s|｜/·、网关联站隐法免使版意设加])",
    r"jiucuo\.png|政府网站找错",
)
PIECE = re.compile("|".join(f"(?:{p})" for p in _PIECES))
BETWEEN = re.compile(r"[\s|｜/·•>》«»、,，:：;；\[\]【】()（）<\-—_=*]+")

# Between the paragraphs of a text only unmistakable tools are taken out; 微信 or 下载 alone may be a heading.
TOOLS = re.compile(
    r"打印|关闭窗口|扫一扫|分享到|字\s*[号体]|浏览次数|浏览量|点击数|ICP|公网安备|网站标识码|版权所有"
    r"|上一篇|下一篇|当前位置"
)
# What makes a short line with a date a publish line, where no label says so.
PUBLISH = re.compile(
    r"来\s*源|更新|发布|发表|时间|作者|编辑|https?:|www\.|\d{1,2}[:：]\d{2}|浏览|阅读|点击|评论|字\s*[号体]"
)

_RELATED = "(?:相关|延伸|关联|推荐|热门|精彩|更多|最新|猜你|今日|精编|往期|大家都在)"
_THINGS = (
    "(?:链接|文章|新闻|阅读|信息|文件|文档|稿件|内容|报道|推荐|政策|解读|资讯|图片|专题|法规|附件|动态|喜欢"
    "|评论|精彩|搜索|看)"
)
_OPEN, _CLOSE = r"[\s【\[〖>◆■●▌|·]*", r"[\s】\]〗:：)）>]*"
# Heads over lists of links, at the end of a text.
LINK_HEAD = re.compile(
    rf"{_OPEN}(?:{_RELATED}{_THINGS}{{1,3}}(?:下载)?(?:更多)?"
    r"|(?:文件|政策|图解|图片|视频|专家|媒体)?(?:解读|图解|关联解读|政策原文|原文链接)"
    rf"|热点(?:新闻|推荐|排行)|点击排行|阅读排行|友情链接){_CLOSE}"
)
NEXT = re.compile(r"\s*[【\[<]?\s*(?:上|下|前|后)\s*一\s*[篇条页]\s*[】\]>]?\s*(?:[:：]|\s|$)")
EDITOR = re.compile(
    r"[\s(（【\[]*"
    + label(
        "责任编辑 责编 编辑 值班编辑 来源 文章来源 信息来源 稿件来源 稿源 本文来源 审核 作者 供稿 撰稿"
        " 录入 校对 初审 复审 终审"
        " 签发 监制 主编 网编"
    )
    + r"\s*[:：/][^。！？；]{0,60}[)）】\]]*\s*"
)
# Lines behind which nothing belongs to the text any more.
MARKER = re.compile(
    rf"{_OPEN}(?:{_RELATED}{_THINGS}{{1,3}}(?:更多)?"
    r"|(?:网友|最新|全部|热门|精彩|我要|发表|查看|文章|已有\d{0,6}条?)?评论(?:区|列表|\(\d{1,6}\))?"
    r"|网友(?:留言|跟帖)|我来说(?:两句|说)|我要说说|发表(?:我的)?(?:看法|留言)"
    r"|.{0,60}已有\s*\d{1,6}\s*[件条个]评论"
    r"|(?:版权与)?免责声明|版权(?:与免责)?声明|(?:返回|回到)(?:顶部|页首)|分享(?:到|至)|打赏|举报|点赞"
    r"|责任编辑.{0,20}|责编.{0,20}|编辑\s*[:：].{0,20}|(?:文章|本文|信息|稿件)?来源\s*[:：].{0,30}"
    rf"|上一篇.{{0,80}}|下一篇.{{0,80}}|附件下载|相关附件|扫一扫.{{0,30}}){_CLOSE}"
)
TEMPLATE = re.compile(r"\{\{.{0,200}\}\}|\$\{.{0,200}\}|<%.{0,200}%>")
CRUMBS = re.compile(r"\s*(?:[^\s>»›＞→/]{2,20}\s*(?:>|»|›|＞|→|/)+\s*){1,8}[^>»›＞→/]{0,60}")

# Names of elements that hold tools, not text; tested on whole words of class and id.
TOOL_NAMES = re.compile(
    r"(?:^|[-_"
    r" ])(?:b?shares?|bd?share\w*|bshare\w*|bdsharebuttonbox|jiathis\w*|share\w{0,3}|fenxiang|social\w*|qr"
    r"|qrcode\w*|ewm\w*|erweima|dayin|fontsize|font-size|breadcrumbs?|crumbs?|crumbnav|bread\w*"
    r"|footer\w*|foot"
    r"|copyright|pagination|pager|comments?|related?|relalinks|xgwz|xgxw|xgyd|recommend\w*|toolbar"
    r"|sidebar|nav|navbar"
    r"|menu|login|search)(?:$|[-_ \d])",
    re.I,
)
