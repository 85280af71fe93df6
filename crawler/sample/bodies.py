"""Who reports in the invented district 兰汀区: its government, four bureaus, eight streets and towns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from crawler.sample.phrases import stock

Kind = Literal["street", "town", "township", "bureau", "district"]

_WORD: Mapping[Kind, str] = {
    "street": "街道",
    "town": "镇",
    "township": "乡",
    "bureau": "局",
    "district": "区",
}


@dataclass(frozen=True, kw_only=True)
class Body:
    """One body of the roster."""

    name: str
    """As in the roster: 望溪街道."""
    kind: Kind
    code: str
    """Nine digits for streets and towns, six for the district, empty for the bureaus."""
    initials: str
    """Folder name on the portal."""
    communities: int = 0

    @property
    def grassroots(self) -> bool:
        """A street, town or township."""
        return self.kind in ("street", "town", "township")

    @property
    def short(self) -> str:
        """How the body calls itself in its own text."""
        return "兰汀区" if self.kind == "district" else self.name

    @property
    def office(self) -> str:
        """The administration, in full."""
        match self.kind:
            case "street":
                return f"兰汀区人民政府{self.name}办事处"
            case "town" | "township":
                return f"兰汀区{self.name}人民政府"
            case _:
                return self.name

    @property
    def party(self) -> str:
        """The party organ that signs with it, in full; empty where the government signs alone."""
        match self.kind:
            case "street":
                return f"中共兰汀区{self.name}工作委员会"
            case "town" | "township":
                return f"中共兰汀区{self.name}委员会"
            case "bureau":
                return f"中共{self.name}党组"
            case _:
                return ""

    @property
    def column(self) -> Literal["towns", "bureaus"]:
        """In which list of the portal its reports stand."""
        return "towns" if self.grassroots else "bureaus"

    def slots(self, year: int) -> dict[str, str]:
        """The facts that the sentence stock asks for, for a report on that year."""
        word = _WORD[self.kind]
        district = self.kind == "district"
        of_year = stock("years").get(str(year), stock("years")["later"])
        leaders = "区政府主要负责人" if district else f"{word}党政主要负责人"
        return {
            "name": self.short,
            "we": word,
            "self": f"我{word}",
            "self_law": "法治政府建设" if district else f"{word}法治建设",
            "law_office": {"bureau": "政策法规科", "district": "区司法局"}.get(self.kind, f"{word}司法所"),
            "superior": "市委、市政府" if district else "区委、区政府",
            "superior_leaders": "市委、市政府和区委" if district else "区委、区政府",
            "subunits": {
                "bureau": "各科室、各直属单位",
                "district": "各部门、各镇街",
                "street": "各社区、各科室",
            }.get(self.kind, "各村、各站所"),
            "party": {"street": "街道党工委", "bureau": "局党组", "district": "区政府党组"}.get(
                self.kind, f"{word}党委"
            ),
            "leaders": leaders,
            "community": "社区" if self.kind == "street" else "村",
            "local": "社区" if self.kind == "street" else "村级",
            "covenant": "居民公约" if self.kind == "street" else "村规民约",
            "n_comm": str(self.communities),
            "n_comm_1": str(self.communities + 1),
            "area": {"street": "辖区", "town": "全镇", "township": "全乡"}.get(self.kind, "全区"),
            "year": str(year),
            "next": str(year + 1),
            "spirit": of_year["spirit"],
            "year_mark": of_year["mark"],
            "law": of_year["law"],
            "study": of_year["study"],
            "campaign": of_year["campaign"],
            "outline": of_year["outline"],
            "epidemic": of_year["epidemic"],
        }


BODIES: tuple[Body, ...] = (
    Body(name="望溪街道", kind="street", code="999901001", initials="wxjd", communities=12),
    Body(name="石桥街道", kind="street", code="999901002", initials="sqjd", communities=14),
    Body(name="清河街道", kind="street", code="999901003", initials="qhjd", communities=15),
    Body(name="柳林街道", kind="street", code="999901004", initials="lljd", communities=13),
    Body(name="东岭镇", kind="town", code="999901100", initials="dlz", communities=22),
    Body(name="白塔镇", kind="town", code="999901101", initials="btz", communities=18),
    Body(name="南坪镇", kind="town", code="999901102", initials="npz", communities=24),
    Body(name="云台乡", kind="township", code="999901200", initials="ytx", communities=16),
    Body(name="兰汀区人民政府", kind="district", code="999901", initials="qzf"),
    Body(name="兰汀区司法局", kind="bureau", code="", initials="qsfj"),
    Body(name="兰汀区城市管理局", kind="bureau", code="", initials="qcgj"),
    Body(name="兰汀区教育局", kind="bureau", code="", initials="qjyj"),
    Body(name="兰汀区市场监督管理局", kind="bureau", code="", initials="qscjgj"),
)
