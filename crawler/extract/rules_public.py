"""Rules for what is done among the people: disputes, publicity, legal services, and the study of law."""

from __future__ import annotations

from crawler.extract.figure_rule import CASES, HEADS, NEARBY, PAPERS, PEOPLE, TIMES, rule

_ADVISER = r"法律顾问|律师|顾问团"
_EVENT = r"(?:宣传|普法|宣讲|法治文化)(?:教育|主题|实践|服务)?(?:活动)?"
_LEGAL = r"(?:普法|法治|法制|法律|宪法|民法典|反诈|禁毒|国家安全|主题|平安)"
_PAPER = r"(?:资料|材料|宣传品|宣传单|宣传页|宣传册|手册|图册|折页|单页|彩页|读本|明白纸|海报|传单|书籍)"

DISPUTES = (
    rule(
        "dispute_checks",
        "次 轮",
        rf"(?:日常|重点|专项|集中|定期|滚动|纠纷|隐患|矛盾){NEARBY}{{0,6}}排查(?:活动|工作|行动|化解活动)?",
        sentence=r"矛盾|纠纷",
        unless=r"安全隐患",
    ),
    rule(
        "dispute_success_rate",
        "%",
        r"(?:化解|调解|调处|调解成功|化解成功|调处成功)率(?:和履约率)?",
        unless=r"信访|复议|一次性|初信|和解",
    ),
    rule("dispute_success_rate", "%", r"成功率", sentence=r"调解|调处|纠纷", unless=r"信访|复议|招商|就业"),
    rule(
        "dispute_change",
        "%",
        r"(?:矛盾|纠纷)(?:总量|数量|数|发生率|发生量|案件)?(?:较上年|比上年|较去年|比去年)?(?:同比|环比)?(?:分别)?(?:下降|减少|降低|增长|上升|增加)",
    ),
    rule(
        "adviser_mediations",
        "次 件 件次 起",
        rf"参与{NEARBY}{{0,14}}(?:调解|调处|化解)(?:工作)?",
        sentence=_ADVISER,
    ),
    rule(
        "adviser_resolved",
        CASES,
        rf"化解{NEARBY}{{0,6}}(?:矛盾|纠纷)+",
        sentence=r"(?:法律顾问|律师)(?:团队|团)?(?:共|累计|全年|先后)?参与",
    ),
    rule(
        "disputes_resolved",
        CASES,
        rf"(?:化解|解决|(?:调解|调处)成功|成功(?:调解|调处|化解))(?:成功|了|各类|各种){{0,2}}{NEARBY}{{0,14}}(?:纠纷|矛盾)(?:隐患|问题)?(?:案件)?",
        unless=r"信访|委派|争议|参与|引导|人数",
    ),
    rule(
        "disputes_resolved",
        CASES,
        r"(?:调解|调处)成功|成功(?:化解|调解|调处)|(?:已|共|全部)?化解|调处化解",
        sentence=r"纠纷|矛盾|调解",
        unless=r"信访|委派|争议|诉讼|参与",
    ),
    rule(
        "disputes_handled",
        CASES,
        rf"(?:调处|调解)(?:了|各类|各种){{0,2}}{NEARBY}{{0,14}}(?:纠纷|矛盾)(?:隐患|问题)?(?:案件)?|调解(?:各类)?案件",
        unless=r"信访|委派|争议|参与|引导|人数",
    ),
    rule(
        "disputes_found",
        CASES,
        rf"(?:排查|受理|发现|摸排|收集|登记|接到|接收)(?:出|到|了|各类|各种){{0,2}}{NEARBY}{{0,14}}(?:纠纷|矛盾)(?:隐患|线索|问题)?(?:案件)?",
        unless=r"信访|争议|劳动仲裁",
    ),
    rule(
        "disputes_found",
        CASES,
        r"纠纷",
        clause=r"(?:排查|受理|摸排)[^,;\d]{0,24}\Z",
        unless=r"化解|调解|调处|信访",
    ),
    rule(
        "mediators",
        PEOPLE,
        r"(?:人民|专职|兼职|专兼职|行业|人民兼职)调解员(?:队伍)?",
        unless=r"培训|组织|年龄",
    ),
    rule(
        "mediators",
        PEOPLE,
        behind=r"(?:专职|兼职|专兼职)?(?:人民)?调解员",
        clause=r"配备|聘[用任请]|选聘|现有|共有|拥有|建立",
    ),
)
PUBLICITY = (
    rule(
        "school_events",
        TIMES,
        r"进(?:校园|学校)(?:法治|普法|宣传|主题|专题)*(?:活动|宣传|讲座|授课|宣讲|课)?",
    ),
    rule(
        "law_helper_training",
        TIMES,
        r"法律明白人[”\"]?(?:骨干|示范|专题|业务|集中|学习|示范性)*(?:培训|轮训)(?:班|会|活动)?",
    ),
    rule(
        "law_helper_training",
        TIMES,
        r"(?:集中|示范|专题|业务)?培训(?:班|会)?",
        sentence=r"法律明白人[^。]{0,40}\Z",
        unless=r"执法",
    ),
    rule("law_helpers", PEOPLE, r"法律明白人[”\"]?(?:总数|队伍|骨干|人数)?"),
    rule(
        "law_helpers",
        PEOPLE,
        behind=r"[“\"]?法律明白人",
        clause=r"培育|培养|选[聘任拔出]|现有|共有|拥有|建立",
    ),
    rule(
        "lectures",
        TIMES + " 堂",
        rf"{_LEGAL}[^,、;:]{{0,16}}(?:讲座|宣讲|宣讲会|授课|课堂|法治课|专题课|讲堂|辅导)(?:活动)?|法治课|法治(?:专题)?课",
        unless=r"出席|微课",
    ),
    rule(
        "lectures",
        TIMES,
        r"讲座(?:活动)?|宣讲(?:活动|会)?|授课|专题辅导",
        sentence=r"法|宪|民法典",
        unless=r"政策宣讲|健康|安全生产",
    ),
    rule(
        "publicity_events",
        TIMES,
        rf"{_LEGAL}[^,、;:]{{0,16}}{_EVENT}|(?:普法|法治宣传|法制宣传|宣传)(?:教育)?活动|主题宣传|送法[^,、;:]{{0,8}}活动|普法(?:宣传)?",
        unless=r"培训|微信|短信|视频|文章|讲座",
    ),
    rule(
        "publicity_events",
        TIMES,
        r"主题活动|设点宣传|集中宣传|宣传",
        sentence=r"普法|法治|宪法|民法典|法律",
        unless=r"微信|短信|视频|文章|入户|培训",
    ),
    rule(
        "materials",
        PAPERS + " 件",
        rf"(?:宣传|普法|法律|法治|法制){NEARBY}{{0,10}}(?:资料|材料|手册|图册|读本|单|单页|折页|册|页|海报|书籍)|(?:宣传|普法)(?:用|物)?品|(?:发放|印发|派发|制作|印制|散发|分发|赠送){NEARBY}{{0,16}}{_PAPER}",
        unless=r"档案|申报|起草|文书",
    ),
    rule(
        "materials",
        PAPERS,
        rf"{_PAPER}",
        clause=rf"(?:发放|印发|派发|制作|印制|散发|分发){NEARBY}{{0,16}}{_PAPER}",
        unless=r"档案|申报",
    ),
    rule(
        "consultations",
        HEADS + " 次 件 起 件次",
        r"(?:法律|来访|接待|现场|当面|电话|免费|涉法)?(?:咨询|解答|答疑)(?:服务|群众|居民|问题|村民|人数)?",
        sentence=r"法[^定]|律师",
        unless=r"税务|心理|政策咨询|健康|坐班|值班",
    ),
    rule(
        "adviser_reception",
        HEADS,
        r"接待(?:来访|咨询)?(?:来访|咨询)?(?:群众|居民|村民)",
        sentence=r"律师[^。]*(?:值班|坐班)",
    ),
    rule(
        "reached",
        HEADS,
        rf"(?:覆盖|受众|[受收]众|受教育|辐射|惠及){NEARBY}{{0,18}}",
        sentence=r"宣传|普法|讲座|宣讲|法治|活动",
        unless=r"率",
    ),
    rule(
        "reached",
        HEADS,
        r"(?:群众|人员|居民|网格员|师生|学生|村民|干部|职工)",
        clause=r"(?:覆盖|受众|受教育|辐射|惠及)[^;\d]{0,30}\Z",
        sentence=r"宣传|普法|讲座|宣讲|法治",
    ),
    rule("reached", HEADS, r"[受收]众(?:人数|达)?", sentence=r"宣传|普法|讲座|宣讲|法治"),
    rule(
        "messages",
        "条 篇",
        rf"(?:普法|法治宣传|法治|法律知识|法律法规){NEARBY}{{0,8}}(?:信息|短信|推文|文章|视频|短视频|内容|消息|知识)",
        clause=r"推送|发布|转发|发送|推发",
        unless=r"公示|公开",
    ),
    rule("platform_followers", "人 名", r"关注(?:的)?(?:居民|群众|用户|村民|人数)?", sentence=r"平台|公众号"),
    rule("legal_services", "次 人次 件", r"提供(?:各类|免费|公共)*法律服务"),
    rule("legal_services", "人次", r"(?:服务|接待)(?:群众|居民|村民)", sentence=r"公共法律服务"),
    rule("service_files", "个 份", r"(?:法律)?服务档案"),
    rule("legal_aid", "件 起 人次", r"法律援助(?:初审|受理|咨询)?(?:案件|申请|案|事项)?", unless=r"咨询"),
    rule("losses_recovered", "元", rf"挽回{NEARBY}{{0,14}}(?:损失)?(?:金额)?", unless=r"诈骗|反诈|养老钱"),
)
STUDY = (
    rule(
        "study_sessions",
        "次 场 期 场次",
        rf"中心组{NEARBY}{{0,16}}(?:学习|学法|研讨)(?:任务|活动|会)?|(?:集中|会前|专题|领导干部|班子|集体)学法(?:活动)?",
        unless=r"考试",
    ),
    rule("special_study", "次 期 场", r"专题(?:学习|教育|研讨|学习会|学习研讨|教育培训)(?:活动)?"),
    rule(
        "special_study", "次 期 场", behind=r"专题(?:学习|教育)", clause=r"安排|开展|组织|进行", unless=r"每"
    ),
    rule(
        "training",
        "次 期 场 场次",
        rf"(?:法治|法律|法制|法律法规|法律知识|专题|依法行政){NEARBY}{{0,8}}培训(?:班|会|活动)?",
        sentence=r"法",
        unless=r"执法|明白人",
    ),
    rule(
        "meetings",
        "次",
        rf"(?:研究|听取|召开|部署){NEARBY}{{0,18}}(?:法治|依法){NEARBY}{{0,14}}(?:工作|会议|议题|汇报|建设|会|推进会)|(?:法治|依法治[区县市镇街乡])(?:建设|政府建设)?(?:工作)?(?:专题)?(?:会议|推进会|委员会会议)",
        unless=r"旁听",
    ),
)
