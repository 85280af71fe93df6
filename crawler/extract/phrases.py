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
DATE_ANYWHERE = re.compile(rf"[\[(（【]?{DATE}[\])）】]?|[\[(（]\d{{1,2}}[-/.]\d{{1,2}}[\])）]")
# A date that a template sets behind the title, in the same element.
DATED = re.compile(rf"(?<=\S)\s*[(（\[【]\s*{DATE}\s*[)）\]】]\s*$")
# A time of day tells a page's own date from one that a heading or a sentence names.
DATELINE = re.compile(
    r"\W{0,4}(?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}\s*日?\s*T?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?[^，。；！？]{0,24}"
)

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
# Among such lines the labels of a table are labels as well.
INDEX_PAIR = re.compile(rf"[\s【\[]*{INDEX_LABELS}[\s】\]]*[:：]")
INDEX_LINE = re.compile(rf"[\s【\[]*{label(_FILED)}[\s】\]]*[:：]")

_DATE_WORDS = (
    "发布 发文 更新 成文 生成 公开 公布 添加 录入 上传 上网 发表 发稿 刊发 刊登 登载 创建 编辑 撰写 提交 入库 修改"
    " 稿件 时间 日期 信息 文章 最后 最后更新"
)
_NAME_WORDS = (
    "信息来源 文章来源 稿件来源 新闻来源 内容来源 来源 稿源 出处 作者 责任编辑 责编 编辑 编审 初审 复审"
    " 终审 审核 审核人"
    " 签发 校对 撰稿 供稿 供稿单位 发布单位 发布机构 发布人 发布者 信息提供 录入 录入人 录入者 编辑人"
    " 投稿 拍摄 一审 二审"
    " 三审 作者单位 发文机关 文章类型 信息类型 所属栏目 栏目 分类 关键字 关键词 标签"
)
# What a name beside the text did: 信息录入, 文章出处, 本文编辑, 来源部门, 报送单位 …
_NAME_MADE = (
    r"(?:信息|文章|稿件|新闻|内容|资讯|本文|本站|网站|网络|页面|资料|值班)?"
    r"(?:来源|出处|录入|编辑|发布|提供|审核|供稿|来稿|报送|采编|上传|采写|整理|制作)"
    r"(?:者|人|人员|员|单位|部门|机构|科室)?"
)
_COUNT_WORDS = (
    "浏览 阅读 点击 访问 查看 查阅 人气 热度 阅览 评论 回复 跟帖 点赞 点击率 浏览量 点击量 阅读量 访问量 已阅"
    " 关注度"
)
_COUNTED = "(?:次数|人次|人数|数|量|率|数量|总数)?"
_BUTTONS = (
    "特大|超大|大|中|小|默认|正常|收藏|返回|分享|复制|纠错|T\\|T|推荐|全文下载|返回顶部|返回列表"
    "|(?:我要)?(?:打印|关闭|收藏)(?:(?:本|此|该)?(?:页面|页|文章|文|窗口|正文|文本))?"
)
_THIS = (
    "(?:本|此|该|这|当前)?(?:文字版|图片版|页面|网页|页|文章|正文|文本|全文|文|窗口|链接|信息|稿件|稿|内容)?"
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

# What may follow a date without a space between: the next element of its line.
_NEXT_LABELS = (
    "来源|信息来源|稿源|作者|编辑|责任编辑|供稿|字[号体]|【|\\[|浏览|阅读|点击|访问|打印|分享|保存|收藏|关闭"
    "|下载|视力|评论|发布|更新"
)
# Each alternative is one piece of a publish line, a tool bar or a footer. Every repetition is bounded: no
# line costs more than its length.
_PIECES = (
    # dates and names with their labels
    rf"(?:{label(_DATE_WORDS)}{{0,2}}\s*{label('时间 日期 于 在')}|发布|更新){_COLON}(?:[\[(（【〔]?\s*{DATE})?",
    rf"(?:发布|发表|更新|刊发|上传)\s*(?:于|在|时间|日期)\s*{DATE}",
    rf"{DATE}(?:(?!\S*[\u4e00-\u9fff]{{3}})|(?=(?:{_NEXT_LABELS})))",
    rf"(?:{label(_NAME_WORDS)}|{_NAME_MADE}){_COLON}{_VALUE}",
    rf"{label(_COUNT_WORDS)}\s*{_COUNTED}{_COLON}[\[(（]?\s*[\d,+万-]{{0,9}}\s*[\])）]?\s*[次条人]?",
    rf"{label(_COUNT_WORDS)}\s*{_COUNTED}\s*[\[(（]?\s*\d{{1,9}}\s*[\])）]?\s*[次条人]?(?=$|[\s|｜/;；)）\]】])",
    r"(?:本文|本页|此文|该信息)?已?(?:被)?(?:浏览|阅读|访问|点击)(?:了|量)?\s*\d{0,9}\s*次",
    # letter sizes, colours, tools
    (
        r"(?:【|\[)?\s*(?:文章|页面|正文|浏览)?(?:字\s*[号体](?:大小|选择|显示|调整|设置)?|文字大小)\s*[:：]?"
        r"|文字\s*[:：](?=\s*[【\[(（]?[大中小])|T(?=[大中小])"
    ),
    rf"[【\[(（<]\s*(?:{_BUTTONS})\s*[】\])）>]",
    r"(?:放大|缩小|默认|正常|恢复|超大|特大|较大|A[+-]|[大中小](?=$|[\s|大中小】\]]|打印|保存|关闭|收藏|分享))",
    (
        r"(?:视力保护色?|保护视力色?|背景颜?色|语音播[报放]|语音(?:朗读|阅读)|点击播报|听(?:全文|新闻)|朗读|繁体版?|简体版?"
        r"|无障碍(?:阅读|浏览)?|适老化|长者模式|长辈版|老年版|关怀版|手机(?:版|浏览|查看|阅读|访问|观看))(?=$|[\s\W])[:：]?"
    ),
    (
        rf"(?:我要|点击|一键)?(?:打印|关闭|收藏|保存|复制|纠错|转发|推荐|下载){_THIS}"
        r"(?=$|[\s|｜/【\[(（<>】\])）打关收保复纠转返分推我扫字文视])"
    ),
    r"(?:返回|回到)(?:顶部|首页|列表|上页|上一页|上级|目录)?(?=$|[\s|｜/【\[(（<>】\])）打关收])|TOP|Top",
    r"(?:一键|我要)?(?:分享|转发)(?:此文|此页|本页|本文)?(?:到|至|按钮|给好友)?\s*[:：]?(?:$|(?=[\s【\[微新QＱ人朋豆腾到]))",
    rf"(?:分享到?)?(?:{_SHARES})(?=$|[\s|｜/、分微新腾朋Q人豆开百更])",
    (
        r"(?:微信)?扫[一码描]?[一扫描]{0,3}(?:二维码)?[，,]?\s*(?:用|在|到)?(?:手机|微信|移动端)?(?:上|端)?"
        r"(?:打开|查看|浏览|访问|分享|阅读|继续)[^。，；]{0,16}"
    ),
    r"扫一扫[^。；]{0,20}|用手机(?:看|查看|打开|浏览)[^。；]{0,12}|手机扫[^。；]{0,16}|(?:手机)?二维码",
    (
        r"(?:请)?(?:使?用|打开)?(?:手机|微信)?(?:扫一扫|扫描|扫码)[^。；，,、]{0,12}"
        r"(?:二维码|浏览|查看|阅读|分享|关注|打开|访问)[^。；，,]{0,16}"
    ),
    r"我要(?:纠错|评论|留言|咨询|提问|收藏|分享)|用户评论|发表评论|网友评论|相关评论",
    r"上\s*一\s*[篇条页张]|下\s*一\s*[篇条页张]|没有了|已经是(?:第一|最后)[篇条]|暂无(?:内容|数据|信息)?",
    r"(?:您|你)?(?:现在|当前|目前)?的?(?:所在)?(?:当前)?(?:位置|栏目)[:：是]",
    r"(?:您|你)(?:现在|当前|目前)?(?:所在|的)?的?位置[:：是]?|当前(?:所在)?位置[:：]?|(?:网站|本文|所在)?位置[:：]",
    r"[大中小]字\s*[号体]|原标题\s*[:：][^。]{0,80}",
    r"浏览字号|网站支持IPV6|本网站?支持IPv6|[-—]{3,80}|\*{3,80}|_{3,80}|={3,80}",
    r"今天是[^。]{0,30}|现在是[^。]{0,30}\d[^。]{0,10}",
    r"(?:欢迎)?您?是?(?:本站)?第\s*\d{0,12}\s*位(?:访客|访问者|浏览者|来访者|来客)|您是本文第\s*\d{0,12}\s*[个位].{2,3}者",
    r"转载(?:时)?(?:请|需|须)?注明(?:出处|来源)",
    r"附件下载|相关附件|附件列表|文件下载|下载附件|点击下载|相关下载",
    # footers
    (
        r"(?:网站|本站)?(?:主办|承办|协办|主管|维护|建设|运维|技术支持|版权所有|版权|运行管理"
        r"|运行维护)(?:单位|部门)?"
        r"\s*[:：©][^。]{0,60}"
    ),
    r"[^。；，]{0,40}(?:版权所有(?=\s*(?:$|[©:：(（|]|\s))|(?i:copyright)|©)[^。]{0,80}",
    r"(?:政府)?网站?标识码\s*[:：]?\s*(?:\d{10}|bm\d{8})?",
    rf"[{_PROVINCES}]\s*ICP\s*[备证]\s*(?:案)?\s*\d{{0,12}}\s*号?(?:\s*-\s*\d{{1,4}})?",
    rf"[{_PROVINCES}]?\s*公网安备\s*(?:案)?[:：]?\s*\d{{0,18}}\s*号?",
    r"(?:ICP|网站|网安|公安(?:机关)?|公网|工信部)?备案(?:序|编)?号\s*[:：]?\s*\d{0,18}(?:-\d{1,6})?",
    r"(?i:all\s*rights?\s*reserved)\.?|建议您?使用[^。]{0,40}(?:浏览|分辨率|浏览器)[^。]{0,12}|党政机关",
    rf"(?:网站)?(?:{_ABOUT})(?=$|[\s|｜/·、网关联站隐法免使版意设加])",
    r"jiucuo\.png|政府网站找错",
)
PIECE = re.compile("|".join(f"(?:{p})" for p in _PIECES))
BETWEEN = re.compile(r"[\s|｜/·•>》«»、,，:：;；\[\]【】()（）〔〕<\-—_=*+\ue000-\uf8ff]+")

# Between the paragraphs of a text only unmistakable tools are taken out; 微信 or 下载 alone may be a heading.
TOOLS = re.compile(
    r"打印|关闭窗口|扫一扫|分享到|字\s*[号体]|浏览次数|浏览量|点击数|ICP|公网安备|网站标识码|版权所有"
    r"|上一篇|下一篇|当前位置"
)
# Behind a line of these, of which nothing else is left, no short line belongs to a text any more.
LAST = re.compile(
    r"打印|关闭|扫一扫|扫[描码]|二维码|分享[到至]|返回|责任编辑|责编|[上下]一[篇条]|ICP|公网安备|网站标识码|版权所有"
    r"|(?i:copyright)|主办单位|备案号|(?i:all rights)|转载请?注明"
)
# What stands beside these in the footer of a site, but may be the last line of a notice as well.
CONTACT = re.compile(
    r"(?:地址|邮编|邮政编码|电话|传真|邮箱|E-?mail|[^，。]{0,16}(?:举报|联系|服务|值班|监督|咨询|维护|热线)(?:电话|邮箱)?)"
    r"\s*[:：].{2,80}|技术支持.{0,40}|承办.{0,40}|主办.{0,40}|(?:本|该)?网?站?支持\s*IPv6",
    re.I,
)
# A place in the site: its label, or the way from the front page.
PLACE = re.compile(
    r"[\s【\[]*(?:(?:您|你)?(?:现在|当前|目前)?的?(?:所在|当前)?的?(?:位置|栏目|页面)是?\s*[:：]"
    r"|(?:网站|本站)?首\s*页\s*[->＞»›→/|·\\]|(?:网站|本文|所在)位置\s*[:：])"
)
# What makes a short line with a date a publish line, where no label says so.
PUBLISH = re.compile(
    r"来\s*源|更新|发布|发表|时间|作者|编辑|https?:|www\.|\d{1,2}[:：]\d{2}|浏览|阅读|点击|评论|字\s*[号体]"
)

# The note under the name of a law tells when it was passed, not when the page was published.
PASSED = re.compile(r"[(（].{0,200}(?:通过|公布|发布|施行|修[订正]|印发|批准|会议|公告|令).{0,12}[)）]")
_RELATED = "(?:相关|延伸|关联|推荐|热门|精彩|更多|最新|猜你|今日|精编|往期|同类|本栏目?|栏目|热点|大家都在)"
_THINGS = (
    "(?:链接|文章|新闻|阅读|信息|文件|文档|稿件|内容|报道|推荐|政策|解读|资讯|图片|专题|法规|附件|动态|喜欢"
    "|评论|精彩|搜索|看|发布|更新|最新|相关|热门|公告|通知)"
)
_OPEN, _CLOSE = r"[\s【\[〖（(>◆■●▌|·]*", r"[\s】\]〗:：)）>]*"
# Heads over lists of links, at the end of a text.
LINK_HEAD = re.compile(
    rf"{_OPEN}(?:{_RELATED}{_THINGS}{{1,3}}(?:下载)?(?:更多)?"
    r"|(?:文件|政策|图解|图片|视频|文字|专家|媒体|领导|部门|[一H]\w?)?(?:解读|图解|关联解读|政策原文|原文链接)"
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
# What readers say under a text is not the text, however long they are.
COMMENTS = re.compile(
    rf"{_OPEN}(?:[\d,]{{1,9}}\s*(?:条|个)?\s*(?:网友)?(?:评论|跟帖|回复).{{0,40}}|.{{0,20}}人?参与(?:网友)?(?:评论|跟帖)"
    r"|(?:网友|最新|最热|热门|精彩|全部|用户|读者)(?:评论|跟帖|留言).{0,12}|我来说[两几]句|发表(?:我的)?(?:看法|评论)"
    r"|(?:文章|相关)评论|评论(?:区|列表)"
    rf"|(?:本[帖贴])?(?:回复|跟[帖贴从]|回[帖贴])(?:线索|列表|标题)[:：]?){_CLOSE}"
)
COMMENT_WORDS = re.compile("[评跟留看回来][论帖贴从言法复说]")
# Names of other pages in a row, and the label of files that a page has none of.
ROW = re.compile(r"(?:[^|｜，。；：:\t]{2,16}\s*[|｜]\s*){2,12}[^|｜，。；：:\t]{0,16}")
NO_FILES = re.compile(r"\s*附\s*件\s*(?:下载)?\s*[:：]?\s*(?:无|暂无)?\s*")
MARKER = re.compile(
    rf"{_OPEN}(?:{_RELATED}{_THINGS}{{1,3}}(?:更多)?"
    r"|(?:网友|最新|全部|热门|精彩|我要|发表|查看|文章|已有\d{0,6}条?)?评论(?:区|列表|\(\d{1,6}\))?"
    r"|网友(?:留言|跟帖)|我来说(?:两句|说)|我要说说|发表(?:我的)?(?:看法|留言)"
    r"|.{0,60}已有\s*\d{1,6}\s*[件条个]评论"
    r"|(?:郑\s*重|特\s*别)\s*声\s*明|.{0,12}(?:版权与)?免责声明|.{0,12}版权(?:与免责)?声明|.{0,12}(?i:trackback).{0,80}|(?:返回|回到)(?:顶部|页首)|分享(?:到|至)|打赏|举报|点赞"
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
