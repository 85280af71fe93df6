"""The closed vocabulary of counted facts: what yearly reports count about rule-of-law work.

A key never changes its meaning. Units differ for the same thing (件, 起, 次); a figure keeps the printed one, so
that figures are compared within a unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One kind of counted fact."""

    key: str
    name: str
    """In Chinese, as shown to readers."""
    stock: bool = False
    """A number in hand at a date (持证执法人员), not something that happened during the year."""


_FLOWS = {
    # 行政执法
    "inspections": "执法检查",
    "inspection_staff": "出动执法人员",
    "penalties": "行政处罚案件",
    "penalties_simple": "简易程序处罚案件",
    "penalties_ordinary": "一般（普通）程序处罚案件",
    "cases_filed": "立案查处案件",
    "no_penalty": "不予处罚（免罚、提醒不罚）案件",
    "fines": "罚款（罚没）金额",
    "campaigns": "专项执法（整治）行动",
    "joint_enforcement": "联合执法",
    "cross_area_enforcement": "跨区域执法",
    "street_occupation": "占路（占道）经营治理",
    "illegal_construction": "违法建设治理",
    "enforcement_training": "执法培训",
    "legal_review_cases": "法制审核案件",
    "file_reviews": "案卷评查",
    # 行政复议与应诉
    "reconsideration": "行政复议案件（申请）",
    "litigation": "行政诉讼（应诉）案件",
    "court_appearances": "负责人出庭应诉",
    "court_appearance_rate": "负责人出庭应诉率",
    # 矛盾纠纷
    "dispute_checks": "矛盾纠纷排查次数",
    "disputes_found": "排查（受理）矛盾纠纷",
    "disputes_handled": "调解（调处）矛盾纠纷",
    "disputes_resolved": "化解（调解成功）矛盾纠纷",
    "dispute_success_rate": "矛盾纠纷化解（调解成功）率",
    "dispute_change": "矛盾纠纷同比增减",
    # 普法与公共法律服务
    "publicity_events": "普法（法治宣传）活动",
    "school_events": "法治进校园活动",
    "lectures": "法治讲座（授课、宣讲）",
    "materials": "发放（制作）宣传资料",
    "reached": "宣传覆盖（受众）人数",
    "consultations": "法律咨询",
    "messages": "推送（发布）普法信息",
    "law_helper_training": "法律明白人培训",
    "legal_services": "提供法律服务",
    "legal_aid": "法律援助案件",
    "losses_recovered": "挽回经济损失",
    # 法律顾问与决策
    "communities_with_adviser": "增设（配备）法律顾问的村（社区）",
    "adviser_duty": "律师（法律顾问）值班坐班",
    "adviser_reception": "律师（法律顾问）接待群众",
    "adviser_decisions": "法律顾问参与决策",
    "adviser_opinions": "出具法律意见",
    "adviser_mediations": "法律顾问参与调解",
    "adviser_resolved": "法律顾问化解矛盾纠纷",
    "contracts_reviewed": "合同审查",
    "documents_reviewed": "文件（事项）合法性审查",
    "documents_issued": "制发文件",
    "normative_documents": "制发行政规范性文件",
    "filings": "规范性文件备案",
    # 学法
    "study_sessions": "中心组（会前）学法",
    "special_study": "专题学习（教育）",
    "training": "法治培训",
    "meetings": "研究法治工作会议（议题）",
    # 政务
    "hotline": "12345热线受理",
    "approvals": "行政审批（政务服务办件）",
    "fees": "行政收费",
    "disclosed_information": "主动公开信息",
    "disclosure_requests": "依申请公开",
    "proposals": "代表建议与委员提案",
    "petitions": "信访事项办理",
    "approval_rating": "述法测评好评率",
    "funding": "法治工作经费",
}
_STOCKS = {
    "licensed_staff": "持证执法人员",
    "mediators": "人民调解员",
    "legal_advisers": "法律顾问",
    "law_helpers": "法律明白人",
    "platform_followers": "法律服务平台关注人数",
    "service_files": "法律服务档案",
}

MEASURES: Mapping[str, Measure] = {
    **{key: Measure(key=key, name=name) for key, name in _FLOWS.items()},
    **{key: Measure(key=key, name=name, stock=True) for key, name in _STOCKS.items()},
}
"""All measures by key."""
