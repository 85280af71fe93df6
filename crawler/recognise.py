"""Is this the yearly report on rule-of-law government?

Titles are judged first (:func:`judge_title`), because a list of two hundred rows must not cost two
hundred requests. What a title cannot settle is ``UNSURE``: it is fetched, and :func:`judge` decides
with the text in hand. A word that looks like a refusal (印发, 审议, 实施) can stand in a real title;
such titles are UNSURE too, so that nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.records import Verdict
from crawler.bodysigns import BodySigns, Form, read_body
from crawler.titlejudge import TitleVerdict, judge_title, title_kind
from crawler.titletext import clean

__all__ = ["DocumentVerdict", "TitleVerdict", "judge", "judge_title", "report_kind"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentVerdict:
    """The final word on a document after reading it."""

    verdict: Verdict
    kind: str | None
    """``annual``, ``summary`` or ``congress``; None unless the document may be a report."""
    reason: str


def judge(title_verdicts: Sequence[TitleVerdict], text: str) -> DocumentVerdict:
    """Decide about a document from all its titles and its text.

    Args:
        title_verdicts: Verdicts on the list title, the page title, the title inside the body, as far
            as there are any.
        text: The body, one paragraph a line; may be empty.

    Returns:
        REPORT where a title says so and the text does not deny it, or where the text settles a title
        in doubt; UNSURE where they disagree; NO with the title's or the text's reason otherwise.
    """
    signs = read_body(text)
    report = next((v for v in title_verdicts if v.verdict is Verdict.REPORT), None)
    unsure = next((v for v in title_verdicts if v.verdict is Verdict.UNSURE), None)
    refused = next((v for v in title_verdicts if v.verdict is Verdict.NO and not v.open), None)
    best = report or unsure
    kind = "congress" if signs.congress else (best.kind if best else None) or "annual"
    if report is not None and refused is None:
        return _confirm(report, signs, kind)
    if best is not None:
        return _settle(best, refused, signs, kind)
    if refused is not None:
        return DocumentVerdict(verdict=Verdict.NO, kind=None, reason=refused.reason)
    reason = title_verdicts[0].reason if title_verdicts else "refused: no title"
    if signs.strong:
        reason = f"{reason.replace('refused', 'unsure', 1)}; but the text reads like a report: {signs.why}"
        return DocumentVerdict(verdict=Verdict.UNSURE, kind=kind, reason=reason)
    return DocumentVerdict(verdict=Verdict.NO, kind=None, reason=reason)


def report_kind(title: str, text: str) -> str:
    """Tell the public yearly report from the report to the people's congress and the work summary.

    One body may publish two texts for one year: the public report and the one read to the standing
    committee (Hangzhou 2021 and 2024).

    Returns:
        ``annual``, ``congress`` or ``summary``.
    """
    return "congress" if read_body(text).congress else title_kind(clean(title).text)


def _confirm(report: TitleVerdict, signs: BodySigns, kind: str) -> DocumentVerdict:
    """A title that says report, checked against what stands below it."""
    doubt = ""
    if signs.form is Form.EMPTY:
        doubt = "no text was read; look for an attachment"
    elif signs.form is Form.SHORT:
        doubt = f"only {signs.characters} characters of text ({signs.why})"
    elif signs.form is not Form.PROSE and not signs.strong:
        doubt = f"the text is {signs.form.value} ({signs.why})"
    elif not signs.mentions:
        doubt = "the text never speaks of 法治 or 依法行政"
    if not doubt:
        return DocumentVerdict(verdict=Verdict.REPORT, kind=kind, reason=report.reason)
    return DocumentVerdict(
        verdict=Verdict.UNSURE, kind=kind, reason=f"unsure: the title is right ({report.reason}), but {doubt}"
    )


def _settle(best: TitleVerdict, refused: TitleVerdict | None, signs: BodySigns, kind: str) -> DocumentVerdict:
    """Titles in doubt or in conflict: the text decides."""
    doubt = best.reason if refused is None else f"{best.reason}; another title is {refused.reason}"
    if signs.strong or (best.settled_by_theme and signs.thematic):
        return DocumentVerdict(
            verdict=Verdict.REPORT,
            kind=kind,
            reason=f"the text settles a doubtful title ({doubt}): {signs.why}",
        )
    if signs.form in {Form.NEWS, Form.NOTICE, Form.INTERPRETATION, Form.LIST}:
        denied = f"the text is {signs.form.value} ({signs.why})"
    elif signs.form is Form.PROSE and not signs.mentions:
        denied = "the text never speaks of 法治 or 依法行政"
    else:
        return DocumentVerdict(
            verdict=Verdict.UNSURE, kind=kind, reason=f"{doubt}; the text does not settle it"
        )
    return DocumentVerdict(verdict=Verdict.NO, kind=None, reason=f"refused: {denied}; the title was {doubt}")
