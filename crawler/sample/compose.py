"""Writes the text of one report out of the sentence stock."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any, Literal

from crawler.sample.phrases import expand, seeded, stock
from crawler.sample.programme import Plan

Role = Literal["letterhead", "addressee", "heading", "subheading", "plain", "closing", "attachment"]
_DIGITS = "零一二三四五六七八九十"
_HALF = str.maketrans("，：；（）", ",:;()")
_EDIT = re.compile(r"(?<![\d.年])(\d{2,3})(?=[件次份场个名处起条])")


@dataclass(frozen=True)
class Line:
    """One paragraph and what it is."""

    text: str
    role: Role = "plain"


@dataclass(frozen=True)
class _Part:
    """One of the five standard parts: its heading and its paragraphs."""

    heading: str
    lines: tuple[Line, ...]


_HEADINGS = {
    1: (
        "推进法治政府建设的主要举措和成效",
        "{year}年推进法治政府建设的主要举措和成效",
        "主要举措和成效",
        "法治政府建设主要工作情况",
        "{year}年度法治政府建设工作开展情况",
        "主要工作举措及成效",
    ),
    2: (
        "推进法治政府建设存在的不足和原因",
        "{year}年推进法治政府建设存在的不足和原因",
        "存在的不足和原因",
        "存在的问题及原因分析",
        "存在的主要问题和不足",
    ),
    3: (
        "党政主要负责人履行推进法治建设第一责任人职责，加强法治政府建设的有关情况",
        "党政主要负责人履行推进法治建设第一责任人职责情况",
        "{year}年度党政主要负责人履行法治建设第一责任人职责情况",
        "主要负责人履行推进法治建设第一责任人职责情况",
    ),
    4: (
        "下一年度推进法治政府建设的主要安排",
        "{next}年推进法治政府建设的主要安排",
        "下一步工作打算",
        "{next}年推进法治政府建设的工作思路和举措",
    ),
    5: ("其他需要报告的情况", "其他需要报告的事项"),
}
_ORDERS = {"five": (1, 2, 3, 4, 5), "duty-first": (3, 1, 2, 4, 5), "duty-second": (1, 3, 2, 4, 5)}


@cache
def compose(plan: Plan) -> tuple[Line, ...]:
    """The paragraphs of a report's body, from the letterhead or the opening to the signature."""
    lines = _Writer(plan).report()
    if plan.edited:
        lines = _edited(lines)
    if plan.numbering == "half-width":
        lines = [replace(line, text=line.text.translate(_HALF)) for line in lines]
    return tuple(lines)


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.slots = plan.body.slots(plan.year)
        self.rng = seeded(f"text {plan.body.name} {plan.year}")
        self.run_in = plan.numbering == "run-in"
        self.own_lines = plan.numbering == "own-lines"
        body = plan.body
        own_cases = {"bureau": body.name, "district": "district"}.get(body.kind, "grassroots")
        self.cases: list[dict[str, Any]] = list(stock("cases")[own_cases])
        self.rng.shuffle(self.cases)

    def say(self, text: str) -> str:
        return expand(text, self.slots, self.rng)

    def pick(self, items: list[str], low: int, high: int) -> list[str]:
        return [
            self.say(item) for item in self.rng.sample(items, min(len(items), self.rng.randint(low, high)))
        ]

    def pool(self, name: str) -> list[str]:
        """Items of a part: everybody's and those of this kind of body."""
        own = {"bureau": "bureaus", "district": "district"}.get(self.plan.body.kind, "grassroots")
        return [*stock("common")[name]["items"], *stock(own).get(name, {"items": []})["items"]]

    def report(self) -> list[Line]:
        lines = self.opening()
        match self.plan.shape:
            case "three":
                lines += self.three()
            case "thematic":
                lines += self.thematic()
            case shape:
                lines += self.parts(_ORDERS[shape])
        return lines + self.ending()

    def opening(self) -> list[Line]:
        body, rng = self.plan.body, self.rng
        lines = []
        if self.plan.heading_in_body:
            lines = [Line(body.party, "letterhead"), Line(body.office, "letterhead")]
            lines.append(Line(f"关于{self.plan.year}年度法治政府建设情况的报告", "letterhead"))
        elif body.party and rng.random() < 0.2:
            lines = [Line(body.party, "letterhead"), Line(body.office, "letterhead")]
        if rng.random() < 0.3:
            lines.append(Line("市委、市政府：" if body.kind == "district" else "区委、区政府：", "addressee"))
        lines.append(Line(self.say(rng.choice(stock("common")["prefaces"]["items"]))))
        return lines

    def ending(self) -> list[Line]:
        plan, rng = self.plan, self.rng
        lines = []
        if rng.random() < 0.35:
            lines.append(Line(self.say(rng.choice(stock("common")["closings"]["items"]))))
        if plan.attachment:
            lines.append(Line(f"附件：{attachment_name(plan)}", "attachment"))
        if rng.random() < 0.7:
            if plan.body.party and rng.random() < 0.4:
                lines.append(Line(plan.body.party, "closing"))
            day = plan.published - timedelta(days=rng.randint(1, 6 if plan.published.month == 12 else 20))
            lines += [
                Line(plan.body.office, "closing"),
                Line(f"{day.year}年{day.month}月{day.day}日", "closing"),
            ]
        if plan.body.kind != "district" and rng.random() < 0.15:
            lines.append(Line("抄报：区委全面依法治区委员会办公室。"))
        return lines

    def themes(self) -> list[dict[str, Any]]:
        """The themes this report speaks of, in the order a report takes them."""
        body, rng = self.plan.body, self.rng
        common = stock("common")["theme"]
        first = [theme for theme in common if theme["key"] in ("organisation", "study")]
        if body.kind == "district":
            return [*first, *rng.sample(stock("district")["theme"], rng.randint(6, 8))]
        rest = [theme for theme in common if theme not in first]
        if body.kind == "bureau":
            own = stock("bureaus")[body.name]["theme"]
            chosen = [*own, *rng.sample(rest, rng.randint(1, 2))]
        else:
            local = stock("local")[body.name]
            chosen = rng.sample([*rest, *stock("grassroots")["theme"]], rng.randint(5, 8))
            chosen.insert(rng.randint(1, 3), {"headings": local["heading"], "items": local["items"]})
        return [*first, *chosen]

    def theme(self, theme: dict[str, Any]) -> tuple[str, list[str]]:
        """Heading and items of one theme."""
        heading = self.say(self.rng.choice(theme["headings"]))
        items = self.pick(theme["items"], 4, 5)
        return heading, self.summed_up([self.with_case(item) for item in items], theme)

    def with_case(self, item: str) -> str:
        """The item and, now and then, a case that belongs behind it; no case twice in a report."""
        lead = item.partition("。")[0]
        for case in self.cases:
            if lead in case["behind"] and self.rng.random() < 0.7:
                self.cases.remove(case)
                return item + self.say(case["text"])
        return item

    def summed_up(self, items: list[str], theme: dict[str, Any]) -> list[str]:
        """The items, sometimes with a sentence on what came of them behind the last."""
        if self.plan.body.kind == "district" or self.rng.random() < 0.65:
            return items
        inner = theme.get("key") in ("organisation", "study", "decision")
        effects = stock("cases")["effects"]["inner" if inner else "outer"]
        return [*items[:-1], items[-1] + self.say(self.rng.choice(effects))]

    def section(self, heading: str, items: list[str]) -> list[Line]:
        """A heading and its items: in one paragraph behind it, in one below it, or one paragraph each."""
        if self.own_lines:
            return [
                Line(heading, "subheading"),
                *(Line(f"{n}.{item}") for n, item in enumerate(items, start=1)),
            ]
        text = "".join(f"{_numeral(n)}是{item}" for n, item in enumerate(items, start=1))
        return [Line(f"{heading}。{text}")] if self.run_in else [Line(heading, "subheading"), Line(text)]

    def sections(self, sections: list[tuple[str, list[str]]]) -> list[Line]:
        """Sub-headings numbered through."""
        numbered = [
            (f"（{_numeral(n)}）{heading}", items) for n, (heading, items) in enumerate(sections, start=1)
        ]
        return [line for heading, items in numbered for line in self.section(heading, items)]

    def listed(self, items: list[str]) -> tuple[Line, ...]:
        """Items of a part without sub-headings."""
        if self.own_lines:
            return tuple(Line(f"（{_numeral(n)}）{item}") for n, item in enumerate(items, start=1))
        if self.run_in:
            return (Line("".join(f"{_numeral(n)}是{item}" for n, item in enumerate(items, start=1))),)
        return tuple(Line(f"{_numeral(n)}是{item}") for n, item in enumerate(items, start=1))

    def part(self, number: int) -> _Part:
        heading = self.say(self.rng.choice(_HEADINGS[number]))
        match number:
            case 1:
                return _Part(heading, tuple(self.sections([self.theme(theme) for theme in self.themes()])))
            case 2:
                return _Part(heading, self.listed(self.pick(self.pool("problems"), 4, 6)))
            case 3:
                opening = self.say(self.rng.choice(stock("common")["duty"]["openings"]))
                items = self.pick(stock("common")["duty"]["items"], 4, 6)
                return _Part(heading, (Line(opening), *self.listed(items)))
            case 4:
                return _Part(heading, self.listed(self.pick(self.pool("plans"), 4, 7)))
            case _:
                return _Part(heading, (Line(self.say(self.rng.choice(stock("common")["other"]["items"]))),))

    def parts(self, order: tuple[int, ...]) -> list[Line]:
        if self.rng.random() < 0.4:
            order = order[:-1]
        lines: list[Line] = []
        for n, number in enumerate(order, start=1):
            part = self.part(number)
            heading = f"{_numeral(n)}、{part.heading}"
            if n == 1 and self.plan.bare_first_heading:
                heading = part.heading
            if number == 2 and self.plan.broken_heading:
                lines += [
                    Line(f"{_numeral(n)}、推进法治政府建设存在的不足、原因和", "heading"),
                    Line("改进情况", "heading"),
                ]
            else:
                lines.append(Line(heading, "heading"))
            lines += part.lines
        return lines

    def three(self) -> list[Line]:
        """情况, 问题及下一步: the duty part hides among the themes, problems and plans share one heading."""
        lines = [Line(f"一、{self.rng.choice(['工作情况', '总体情况', '主要工作开展情况'])}", "heading")]
        sections = [self.theme(theme) for theme in self.themes()]
        duty = self.pick(stock("common")["duty"]["items"], 4, 6)
        heading = self.rng.choice(
            ["抓住“关键少数”，推动党政主要负责人履行法治建设第一责任人职责", "认真落实第一责任人职责"]
        )
        sections.insert(1, (heading, duty))
        lines += self.sections(sections)
        lines.append(Line("二、存在问题及下一步工作打算", "heading"))
        for n, (title, name) in enumerate((("存在问题", "problems"), ("下一步工作打算", "plans")), start=1):
            lines.append(Line(f"（{_numeral(n)}）{title}", "subheading"))
            items = self.pick(self.pool(name), 4, 6)
            lines += [Line(f"{_numeral(m)}是{item}") for m, item in enumerate(items, start=1)]
        return lines

    def thematic(self) -> list[Line]:
        """Themes on the first level; the duty is one of them, problems and plans are the last headings."""
        themes = self.themes()
        lines: list[Line] = []
        for n, theme in enumerate(themes, start=1):
            heading, items = self.theme(theme)
            lines.append(Line(f"{_numeral(n)}、{heading}", "heading"))
            lines += [Line(f"（{_numeral(m)}）{item}") for m, item in enumerate(items, start=1)]
        for n, number in enumerate((3, 2, 4), start=len(themes) + 1):
            part = self.part(number)
            lines += [Line(f"{_numeral(n)}、{part.heading}", "heading"), *part.lines]
        return lines


def _numeral(number: int) -> str:
    return _DIGITS[number] if number <= 10 else f"十{_DIGITS[number - 10]}"


def _edited(lines: list[Line]) -> list[Line]:
    """One figure of the first half differs, and one sentence near the end was reworded."""
    done = list(lines)
    at = next(n for n, line in enumerate(done) if line.role == "plain" and n > 1 and _EDIT.search(line.text))
    changed = _EDIT.sub(lambda match: str(int(match[1]) + 7), done[at].text, count=1)
    done[at] = replace(done[at], text=changed)
    last = max(n for n, line in enumerate(done) if line.role == "plain" and len(line.text) > 45)
    whole, _, _ = done[last].text.rstrip("。").rpartition("，")
    done[last] = replace(done[last], text=f"{whole}，并将落实情况纳入年底考核，确保取得实实在在的效果。")
    return done


def attachment_name(plan: Plan) -> str:
    """The printed name of the attached table."""
    return f"{plan.body.short}{plan.year}年行政执法数据统计表.docx"
