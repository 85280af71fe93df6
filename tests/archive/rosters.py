"""Rosters for tests: a district with streets on the portal of ``builder.Crawl``, and others nobody crawled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.roster import Roster, RosterPlace, RosterRecord

DISTRICT = RosterPlace("999001", "清河区", "天津市", "", "清河区", "qinghe", "http://www.example.gov.cn/")
CITY = RosterPlace("999000", "天津市", "天津市", "", "", "tianjin", "http://tj.example.gov.cn/")
ELSEWHERE = RosterPlace("888001", "远山县", "河南省", "许昌市", "远山县", "yuanshan", None)
NOWHERE = RosterPlace("demo", "兰汀区", "", "", "兰汀区", "demo", "http://www.lanting.example/")

GOVERNMENT = RosterRecord("999001", 0, "清河区", "county", "政府", "999001")
QINGHE = RosterRecord("999001001", 0, "清河街道", "street", "街道", "999001")
LIULIN = RosterRecord("999001002", 0, "柳林街道", "street", "街道", "999001")
BAITA = RosterRecord("999001101", 0, "白塔镇", "town", "镇", "999001")
BUREAU = RosterRecord("qinghe/司法局", 0, "司法局", "department", "局", "999001")
FAR = RosterRecord("888001001", 0, "远山镇", "town", "镇", "888001")
PROVINCE = RosterRecord("999000", 0, "天津市", "province", "政府", "999000")
INVENTED = RosterRecord("999901001", 0, "望溪街道", "street", "街道", "demo")

BODIES = (GOVERNMENT, QINGHE, LIULIN, BAITA, BUREAU, FAR, PROVINCE, INVENTED)


def a_roster(bodies: Sequence[RosterRecord] = BODIES, **more: Any) -> Roster:
    return Roster(places=more.get("places", (DISTRICT, CITY, ELSEWHERE, NOWHERE)), bodies=bodies)
