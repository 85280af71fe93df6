"""The vocabulary of report titles: what they speak of, what they call themselves, what they are not.

Collected from facts/titles.md and from the rules that name the document (规定 of 2019, Art. 24; before
about 2016 依法行政年度报告). Regular expressions here expect text folded by :func:`crawler.titletext.fold`.
"""

from __future__ import annotations

import re

YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
"""A year as title word. Reports of this kind exist since 2004 (全面推进依法行政实施纲要)."""

YEAR_SPAN = re.compile(r"(?<!\d)(20\d\d)年?度?[-~至到](20\d\d)(?!\d)")
YEARS_JOINED = re.compile(r"(?<!\d)20\d\d年?度?[和与及、,]20\d\d(?!\d)")
MANY_YEARS = re.compile(
    r"(?<!第)[三四五六七八九十两]年(?:来|间|以来|行动|法治|依法|工作|总结|推进)|五年|近[\d三四五]年|十[二三四五六]五(?!普法)|本届|历年|往年"
)
PART_OF_YEAR = re.compile(
    r"[上下]半年|半年|[一二三四1-4]季度|前三季|季度|(?<!\d)(?:[1-9]|1[0-2]|[一二三四五六七八九十]{1,2})月份|[1-9]-[2-9]月|(?:月报|周报|旬报)(?:表|$)"
)
ELEVEN_MONTHS = re.compile(r"1-1[01]月")

_OFFICES = r"(?:工作)?(?:领导小组|委员会|委)(?:办公室|办)?"
BODY_NAME_WITH_TOPIC = re.compile(
    r"(?:全面)?依法治(?:国|省|市|州|盟|区|县|旗|镇|乡|街道?)+(?:" + _OFFICES + r"|办公室|办)"
    r"|(?:法[治制](?:政府)?建设|推进依法行政|依法行政)"
    + _OFFICES
    + r"|法治建设[科处室股]|政府法制办公室|法制办(?:公室)?"
)
"""Offices named after the topic; in a title they are issuer or addressee, not topic."""

DUTY = re.compile(
    r"(?:党政)?(?:主要)?(?:负责人|负责同志|领导)?(?:切实|认真|依法)?(?:履行)?(?:推进)?法[治制](?:政府)?建设第一责任人(?:的?职责)?(?:的?情况)?"
)
"""The personal duty of the head of a body: part 3 of a report, and a report of its own (述法)."""

_FIELDS = (
    "财政|税务|交通运输|交通|水利|水务|农业农村|农业|公安|教育|民政|人社|住建|城市管理|城管|市场监管|市监|工商|质监"
    "|卫生健康|卫健|卫生|医保|审计|统计|林业|林草|园林|应急管理|应急|安监|消防|气象|海关|海事|海洋|邮政|商务|文旅|文化和旅游"
    "|国资|自然资源|国土资源|国土|生态环境|环保|能源|粮食|发改|科技|司法行政|司法|信访|体育|民宗|退役军人|金融|烟草"
    "|工信|经信|药监|人防|知识产权|数据|行政审批|政务服务|开发区|高新区|园区|机关事务|档案|外事|侨务|移民|监狱|戒毒|广电"
)
STRONG_TOPIC = re.compile(
    r"法[治制冶]政府(?:部门)?(?:建设)?|建设法[治制]政府|依法行政|法[治制冶]建设|法治工作"
    r"|法治(?:机关|部门|单位|系统|街道|乡镇|镇街|街镇|街办|镇|乡|街)(?:建设|工作)"
    r"|法治(?:" + _FIELDS + r")(?:建设|工作)"
)
WEAK_TOPIC = re.compile(
    r"(?:全面)?依法治(?:国|省|市|州|盟|区|县|旗|镇|乡|街道?|税|水|林|矿|路|教|检)+"
    r"|平安法治|法治平安|法制工作|(?<!普法)依法治理"
    r"|法治(?!宣传|文化|教育|化|营商|副|思|队|讲|社会|乡村|[学校医]|企业?|家庭|示范|公园)[一-鿿]{2,4}?建设"
)
OTHER_RULE_OF_LAW = re.compile(
    r"法[治制](?:宣传|文化|教育|化|副校长|思想|讲座|课|帮扶|信访|队伍|校园|进|知识|微|公园|广场)|依法治[校企村院]|普法|民主法治"
    r"|法治(?:社会|乡村|学校|校园|医院|企业|家庭|公园)"
)

HEAD_NOUN = re.compile(r"报告书?|总结|年报|汇报|小结")

NOT_THIS_REPORT = re.compile(
    r"信息公开(?:工作)?(?:情况)?(?:的)?(?:年度)?(?:情况)?(?:报告|年报|总结|报表)|政府网站(?:工作|年度|年报|报表|检查|抽查)|年度报表|信息公开(?:指南|目录|年报)|(?<!法[治制])政府工作报告"
)
"""The other yearly papers on the same pages (国办发〔2017〕47号; 政府信息公开条例)."""

READER_AID = re.compile(r"解读|图解|读懂|一图|问答|图说|答记者问|新闻发布会|说明材料|起草说明")
PERSONAL = re.compile(r"述法|述职|述廉|述学|第一责任人")
MASKED = re.compile(
    r"某[省市县区镇乡街局单部]|[xX×✕]{2,}|(?<![A-Za-z])[xX×][省市县区镇乡街局]|\*{2,}|[○◯〇]{2,}|_{3,}|范文|模板|范本|\d+篇|[二三四五六七八九十]篇"
)

EVENT = re.compile(
    r"召开|(?:会议|调研|研讨|督导|培训)(?!中心|室|办|局|院|处)|听取|传达|举办|座谈|部署会|访谈|考察|观摩|荣获|获评|记者|点评|述法|述职|约谈|动员|竞赛|迎检|首[次度]|视察|评议|巡视|助[推力]"
    r"|(?:常委会|常务会|全会|人民代表大会|人大会).{0,4}(?:审议|讨论|研究|通过|审定)"
    r"|关于(?:对|开展)?(?:[全本我][省市区县州旗])?(?:检查|视察|调查|督[察查]|评估|评议|考核|抽查)(?![组室局处科]|总队|支队|大队)"
)
"""Words of news about a report; before the topic they are verbs with somebody else's report as object."""

CARRIER = re.compile(
    r"印发|转发|(?<!政务)(?<!信息)公开|公布|发布|公示|报送|上报|呈报|呈送|提交|提请|审议|实施|通过|完成|做好|征求|征集|备案|按时|积极|扎实|有序|全力|多举措|[,!?]"
)
"""Words that may stand in a real title or round one (关于印发…的通知): never proof of either."""

WRAPPER_VERB = re.compile(r"印发|转发|公开|公布|发布|公示|报送|上报|呈报|呈送|提交|提请")
WRAPPER_NOUN = re.compile(r"(?:的|予以)?(?:通知|函|公告|公示|通告|请示|公布|公开|发布|全文)+$")

REFUSED_TAIL = re.compile(
    r"解读|图解|方案|规划|纲要|要点|计划|安排|指引|指南|指标|倡议|白皮书|蓝皮书|评估|评价|测评|研究|自评|考评|评议|考核|督[察查导]|抽查|调查"
    r"|示范|创建|模板|范文|述[法职廉]|发展报告|整改|心得|体会|讲话|致辞|发言|竞赛|培训|宣讲|座谈|会议|推进会|现场会|论坛|问卷|征集|征文"
    r"|采购|招标|通报|简报|台账|清单|批复|答复|提案|条例|办法|决定|决议|意见|第三方|领导小组|调研|审判|检察"
)
"""After the topic these words make it another kind of paper, whatever the last word is."""

ASKED_FOR = re.compile(r"报送|上报|呈报|提交|做好|按时|抓紧|开展")
"""What a body is told to do with its report: before the topic, and with 通知 after it, the title is of an order.

A 通知 goes down, a 报告 goes up (党政机关公文处理工作条例, 2012, Art. 8): 关于报送…的报告 is the report itself."""

NON_GOVERNMENT = re.compile(
    r"(?:大学|学院|学校|中学|小学|幼儿园|医院|集团|公司|企业|法院|检察院|协会|商会|银行)(?:党委|委员会)?$|检察|审判"
)
OFFICE_HOLDER = re.compile(
    r"(?:书记|[省市州区县旗镇乡局厅部署院校所站]长|主任|主席|专员|主要负责(?:人|同志))$"
)
"""A person instead of a body: the report is of the person's duty (述法)."""
COLLECTIVE = re.compile(
    r"^(?:各|全)?(?:级|区|县|市|省|旗)?(?:直|属|政府|工作)*(?:各?(?:部门|街镇|镇街|乡镇|镇乡|街道|街乡|单位|委办局|区县|县区|县市区))+$"
)
"""Subjects of column names (部门法治政府建设年度报告): a set of bodies, none of them an issuer."""
BODY_ENDING = re.compile(
    r"(?:人民政府|政府|办事处|街道|街|镇|乡|苏木|地区|局|委|委员会|办公室|办|厅|署|院|中心|大队|支队|总队|站|部|管委会|管理处|工委|党组|[省市县区旗州盟])$"
)
REGION_ONLY = re.compile(
    r"^[一-鿿]{1,12}[省市县区旗州盟]$|^[区县市省州旗盟](?:人民)?政府$|^[本我全][区县市省州镇乡街]$"
)
"""A bare place name: without 关于 and without a year as likely a menu entry as a title."""

REPORT_COLUMN = re.compile(r"法[治制]政府|依法行政|法治建设|法治工作")

SECOND_REPORT = re.compile(
    r"审判|信息公开|政府工作|预算|决算|审计|统计|监测|评估|评价|招聘|采购|环境|安全生产|财政|党建|统战|环评|验收|可行性|调查|检测|检验|体检|质量|就业|社会责任|内部控制"
)
"""Other reports that get into a report column by a slip of the editor."""
