"""The real pages stand at their own URLs."""

from __future__ import annotations

import re
from urllib.error import HTTPError
from urllib.parse import urljoin

import pytest

from tests.portals.client import get, nodes, status
from tests.portals.fixtures import RunningReal
from tests.portals.real import Real


def test_real_pages_stand_at_their_urls(real_replica: RunningReal) -> None:
    portal, server = real_replica.portal, real_replica.server
    assert len(portal.pages) > 50
    for page in portal.pages:
        answer = get(server, page.url)
        assert answer.read() == page.file.read_bytes()
        if page.gold is not None:
            assert page.gold.is_file()


def test_real_column_leads_to_its_report(real_replica: RunningReal) -> None:
    portal, server = real_replica.portal, real_replica.server
    column = get(server, portal.column_url).read().decode()
    links = {urljoin(portal.column_url, href) for href in re.findall(r'href="([^"]+)"', column)}
    assert portal.column_report_url in links
    assert "法治" in get(server, portal.column_report_url).read().decode()
    neighbours = {link for link in links if link.startswith(portal.column_url) and link != portal.column_url}
    assert len(neighbours) > 50
    unknown = "https://www.pingtan.gov.cn/zwgk/ghxx/gzjzqk/202503/t20250321_97999.htm"
    assert unknown in neighbours
    with pytest.raises(HTTPError) as gone:
        get(server, unknown)
    assert (gone.value.code, "不存在" in gone.value.read().decode()) == (404, True)
    assert status(server, "https://www.pingtan.gov.cn/robots.txt") == 404


def test_other_columns_list_real_reports(real_replica: RunningReal) -> None:
    portal, server = real_replica.portal, real_replica.server
    assert len(portal.other_columns) == 2
    for column, report in portal.other_columns.items():
        (link,) = nodes(get(server, column).read().decode(), "//li/a")
        assert urljoin(column, link.get("href")) == report
        assert link.text in get(server, report).read().decode()


def test_real_lookup_of_an_unknown_page(real_replica: RunningReal) -> None:
    assert isinstance(real_replica.portal, Real)
    with pytest.raises(KeyError):
        real_replica.portal.page("https://www.pingtan.gov.cn/nothing/")
