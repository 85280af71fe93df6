"""``crawler probe`` of an address in no table: the site code on its pages names the portal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.clock import utcnow
from archive.records import (
    Outcome,
)
from crawler.probe_findings import Findings, findings
from crawler.probe_proposal import as_toml, propose
from crawler.probe_show import as_json
from crawler.probe_target import Target, find_target, named_by_code
from crawler.seeds import portal_rows
from tests.conftest import ROOT
from tests.crawler.probing import answered

SEEDS = ROOT / "seeds"
ADDRESS = "http://www.unheard-of.gov.cn/"
CODE = "1201100002"
"""Of 天津市东丽区 (facts: columns.md, section 5)."""


def seen(title: str, code: str, address: str = ADDRESS) -> tuple[Target, Findings]:
    """What a home page with this title and site code gives."""
    target = find_target(address, seeds=SEEDS)
    site = target.site()
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>网站标识码：{code}</p></body></html>"
    look = answered(site, Outcome.OK, body=page.encode())
    return target, findings(look, [], expected=site, rows=portal_rows(SEEDS))


def test_a_known_code_names_the_portal_and_its_row_is_used() -> None:
    target, found = seen("天津市东丽区人民政府", CODE)
    assert (found.identity.portal, found.identity.portal_name) == ("dongli", "天津市东丽区")
    known = named_by_code(target, found)
    assert known.key == "dongli"
    assert known.row is not None
    assert known.row.division_code == "120110"
    assert known.declared.home == ADDRESS
    text = as_toml(propose(known, found), found, utcnow().date())
    assert 'key = "dongli"' in text
    assert f'home = "{ADDRESS}"' in text
    assert as_json(found, text)["identity"]["portal"] == "dongli"


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("东丽区司法局", CODE),
        ("云岭区人民政府", CODE),
        ("天津市东丽区人民政府", "1201990001"),
        ("天津市东丽区人民政府", "没有"),
    ],
)
def test_a_bureau_another_name_or_an_unknown_code_is_no_row_s_portal(title: str, code: str) -> None:
    target, found = seen(title, code)
    assert named_by_code(target, found) is target


def test_the_portal_s_own_address_is_not_said_to_be_another_s() -> None:
    _, found = seen("天津市东丽区人民政府", CODE, "http://www.tjdl.gov.cn/")
    assert found.identity.portal is None
    assert replace(found).identity.code_agrees is True
