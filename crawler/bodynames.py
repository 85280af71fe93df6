"""Names of government bodies as portals print them, resolved against the roster of one portal.

The same street is 华新街道, 华新街, 华新街道办事处, 天津市东丽区人民政府华新街道办事处, 中共…华新街道
工作委员会; its name may be part of another name or of an ordinary word. A name counts only where a name
can begin and end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.site import Unit

LEVELS = {"街道": "street", "镇": "town", "乡": "town"}
"""``kind`` of the roster to level; zones and farms (类似乡级单位) are no level of government."""

_KINDS = ("街道办事处", "地区办事处", "街道", "地区", "民族乡", "民族镇", "苏木", "镇", "乡")
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔"
    "|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺"
)
_ETHNIC = re.compile(rf"(?:(?:{_PEOPLES})族?)+(?:民族)?(?=[乡镇]$)")
_BRACKETED = re.compile(r"([一-鿿]{1,4})\(([一-鿿]{1,4})\)([一-鿿]{1,6}?)(街道|街|镇|乡)")

# A name begins at the start, after a region or a word of rank, a year, a preposition or a mark.
_BEFORE = re.compile(
    r"(?:^|[省市县区旗州盟府委会处共于年度和与及暨同办院局;,、:()《》/|-]|政府|关于|人民政府|党组)$"
)
_AFTER = re.compile(
    r"(?:$|街?道?办事处|街?道?办(?!公)|党工委|党委|工委|工作委员会|委员会|委|人民政府|政府|机关|管理委员会|管委会|地区|\(|\)|关于|20\d\d|二[〇○]|年度"
    r"|[、,;:和与及暨/|《-]|中共|法治|依法|推进|的|上一?年|坚持|认真|深入|全面|在|以|紧|按|根据|围绕|严格|高度|始终|牢|积极|持续|切实|党|贯彻|学习)"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A unit of the roster in a text."""

    unit: Unit
    start: int
    end: int


def squeeze(name: str) -> str:
    """西大街街道 and 西大街道 are the same street; portals and roster double the 街 at will."""
    return name.replace("街街道", "街道")


def core(name: str) -> str:
    """The own name of a unit, without its kind: 华新街道 → 华新."""
    for kind in _KINDS:
        if name.endswith(kind) and len(name) > len(kind):
            return name[: -len(kind)]
    return name


class RosterNames:
    """The roster of one portal, ready to be found in short texts such as titles and signatures."""

    def __init__(self, roster: Sequence[Unit], region: Region) -> None:
        self._aliases: dict[str, Unit] = {}
        self._cores: dict[str, list[Unit]] = {}
        for unit in roster:
            for alias in _names_of(unit, region):
                self._aliases.setdefault(alias, unit)
            self._cores.setdefault(core(squeeze(unit.name)), []).append(unit)
        # Exact names win over short forms of other units: 南坪镇 must not be read as a form of 南坪街道.
        for unit in roster:
            self._aliases[squeeze(unit.name)] = unit
        longest_first = sorted(self._aliases, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def find(self, text: str) -> list[Found]:
        """Units named in ``text`` (folded, without white space), in order, each once."""
        found: list[Found] = []
        position = 0
        while self._pattern is not None and (match := self._pattern.search(text, position)):
            position = match.start() + 1
            if not (
                _BEFORE.search(text, max(0, match.start() - 4), match.start())
                and _AFTER.match(text, match.end())
            ):
                continue
            position = match.end()
            found.append(Found(self._aliases[match.group()], match.start(), match.end()))
        found = found or self._by_core(text)
        unique: dict[str, Found] = {}
        for item in found:
            unique.setdefault(item.unit.code, item)
        return list(unique.values())

    def _by_core(self, text: str) -> list[Found]:
        """A unit printed with another kind than in the roster: townships become towns, towns streets."""
        for match in re.finditer(r"([一-鿿]{2,8}?)(街道|镇|乡|街)", text):
            if not _AFTER.match(text, match.end()):
                continue
            for start in range(match.start(1), match.end(1) - 1):
                units = self._cores.get(text[start : match.end(1)], [])
                if len(units) == 1 and _BEFORE.search(text, max(0, start - 4), start):
                    return [Found(units[0], start, match.end())]
        return []

    def expand(self, text: str) -> str:
        """青(广)源街 is short for 青源街 and 广源街, if the roster has both; other brackets stay."""

        def both(match: re.Match[str]) -> str:
            lead, other, rest, kind = match.groups()
            for cut in range(len(lead)):
                names = (lead[cut:] + rest, other + rest)
                if all(name in self._cores for name in names):
                    return f"{lead[:cut]}{names[0]}{kind}、{names[1]}{kind}"
            return match.group()

        return _BRACKETED.sub(both, text)


class Region:
    """The place a portal belongs to, as a prefix of the names of its bodies."""

    def __init__(self, name: str, short_name: str, level: str) -> None:
        self.short = short_name
        self.core = core_of_place(short_name)
        self._rank = _RANKS.get(level, _RANKS["county"])
        above = name[: -len(short_name)] if name.endswith(short_name) else ""
        # 江州市 is one part, 楚雄州 too.
        parts = re.findall(r".+?(?:自治区|自治州|地区|省|[市盟]|州(?![省市]))", above)
        upper = "".join(f"(?:{re.escape(part)})?" for part in parts)
        forms = [re.escape(short_name)]
        if level == "county" and len(self.core) > 1:
            # Counties become districts and cities and keep their papers; 平潭县 is run by 平潭综合实验区.
            forms.append(re.escape(self.core) + r"(?:[区县市旗]|新区|林区|特区|综合(?:改革)?实验区)")
        elif short_name.endswith("自治州"):
            forms.append(re.escape(self.core) + "州")
        elif short_name.endswith("自治区"):
            forms.append(re.escape(self.core) + "自治区")
        self._prefix = re.compile(rf"^{upper}(?:{'|'.join(forms)})")

    def strip(self, name: str) -> str:
        """Take the portal's own place off a name: 重庆市大足区城市管理局 → 城市管理局."""
        if match := self._prefix.match(name):
            return name[match.end() :]
        return name

    def is_self(self, name: str) -> bool:
        """True for the place and its government, printed in full or as 区政府, 县人民政府, 管委会."""
        rest = self.strip(name)
        if rest != name:
            return re.fullmatch(_GOVERNMENT, rest) is not None
        return re.fullmatch(_SHORT_SELF.format(rank=self._rank), name) is not None


def core_of_place(name: str) -> str:
    """大足区 → 大足, 楚雄彝族自治州 → 楚雄; 郊区 stays, one character names nothing."""
    if match := re.search(r"自治[区县州旗]$", name):
        stem = re.sub(rf"(?:(?:{_PEOPLES})族)+$|(?:维吾尔|壮族|回族)$", "", name[: match.start()])
    else:
        stem = re.sub(r"[省市县区旗州盟]$", "", name)
    return stem if len(stem) > 1 else name


_RANKS = {"province": "[省市区]", "city": "[市州盟]", "county": "[区县市旗]"}
_GOVERNMENT = (
    r"(?:人民政府|政府|区委|县委|市委|省委|州委|旗委|委员会|委|党工委|工委|管委会|管理委员会|党委|、|和|与)*"
)
_SHORT_SELF = r"[本我全]?{rank}?(?:委|党工委)?[、和]?{rank}?(?:人民政府|政府|管委会)"


def _names_of(unit: Unit, region: Region) -> Iterable[str]:
    name = squeeze(unit.name)
    yield name
    own = core(name)
    if unit.kind == "街道" or name.endswith("地区"):
        yield own + "街道"
        if len(own) > 1 and not own.endswith("街"):
            yield own + "街"
        if name.endswith("地区"):
            yield own + "镇"
            yield own + "乡"
        if own.endswith("街"):
            yield own
        yield own + "办事处"
    elif unit.kind in LEVELS:
        if (plain := _ETHNIC.sub("", name)) != name and len(plain) > 2:
            yield plain
            yield plain[:-1] + "民族" + plain[-1]
    else:
        bare = region.strip(name)
        # 综合保税区 alone is a common noun, but on its own portal it is that zone; shorter words are not.
        if len(bare) >= 4:
            yield bare
            yield region.short + bare
            yield region.core + bare
