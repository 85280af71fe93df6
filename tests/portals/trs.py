"""What the replicas on 拓尔思 TRS WCM share: addresses, pages of a column, metas, the page's frame."""

from __future__ import annotations

import html
import posixpath
import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tests.portals.base import Article, Column, Crumb, ListView, Rendered, Replica
from tests.portals.chrome import script, style
from tests.portals.prose import news_paragraphs, report_paragraphs

ORDINARY_TITLES = (
    "{name}召开安全生产工作调度会",
    "{name}2024年财政预算公开说明",
    "{name}开展爱国卫生月活动",
    "关于调整{name}部分公交线路的公告",
    "{name}组织新任干部任前培训",
    "{name}启动冬季清洁取暖改造",
    "关于公开征集{name}民生实事项目的通知",
    "{name}公布一季度空气质量情况",
    "{name}公开招聘社区工作者面试公告",
    "{name}举办邻里文化节",
)
PAGE_NAME = re.compile(r"(?P<folder>/(?:.*/)?)(?:index(?:_(?P<number>[1-9]\d*))?\.html)?$")


class TrsReplica(Replica):
    """Columns are folders, articles ``YYYYMM/tYYYYMMDD_ID.html``, further pages ``index_1.html`` …"""

    menu: Sequence[tuple[str, str, Sequence[tuple[str, str]]]] = ()
    """Groups of the mega menu: name, path, (name, path) beneath."""
    unfolded: tuple[str, ...] = ()
    """Columns whose own menu shows the columns of their columns too, as a tree of units does."""

    # Filling

    def column(self, path: str, name: str, parent: str | None = None, **more: int | bool) -> str:
        """Adds a column; gives its path."""
        self.columns[path] = replace(Column(path=path, name=name, parent=parent), **more)  # type: ignore[arg-type]
        return path

    def columns_of_menu(self) -> None:
        """Adds the columns the menu names and nobody has added otherwise."""
        for name, path, items in self.menu:
            if path not in self.columns and path != "/":
                self.column(path, name, "/")
            for title, to in items:
                if to not in self.columns:
                    self.column(to, title, path, linked=False)

    def ordinary_pages(self, source: str, first_number: int) -> None:
        """Fills the menu's empty columns with pages that have nothing to do with reports.

        Args:
            source: Who published them; its name opens the titles.
            first_number: Where their document numbers begin.
        """
        paths = [path for _, _, items in self.menu for _, path in items if not self.columns[path].rows]
        written = [
            self.news(
                path,
                first_number + 137 * place,
                f"2024-{place + 1:02d}-{place * 2 + 5:02d} 09:30",
                title=title,
                source=source,
            )
            for place, (path, title) in enumerate(
                zip(paths, (stock.format(name=source) for stock in ORDINARY_TITLES), strict=False)
            )
        ]
        groups = [path for _, path, items in self.menu if items]
        for place, path in enumerate([*groups, *paths[len(written) :]]):
            if not self.columns[path].rows and not self.children(self.columns[path]):
                turned = written[place % len(written) :] + written[: place % len(written)]
                self.also_listed(path, turned[:4])

    def report(
        self,
        column: str,
        number: int,
        when: str,
        *,
        title: str,
        unit: str,
        year: int,
        source: str,
        paragraphs: tuple[str, ...] | None = None,
        publishers: tuple[str, ...] | None = None,
        letterhead: int = 0,
        signature: int = 0,
    ) -> str:
        """Adds a report, by default in our own words; gives its path."""
        return self.article(
            column,
            number,
            when,
            title=title,
            source=source,
            paragraphs=paragraphs or report_paragraphs(unit=unit, area=self.area, year=year),
            report_year=year,
            publishers=publishers or (unit,),
            letterhead=letterhead,
            signature=signature,
        )

    def news(self, column: str, number: int, when: str, *, title: str, source: str) -> str:
        """Adds a page that is no report, in our own words; gives its path."""
        return self.article(
            column,
            number,
            when,
            title=title,
            source=source,
            paragraphs=news_paragraphs(title=title, unit=source, area=self.area, year=int(when[:4])),
        )

    def article(
        self,
        column: str,
        number: int,
        when: str,
        *,
        title: str,
        source: str,
        paragraphs: tuple[str, ...],
        report_year: int | None = None,
        publishers: tuple[str, ...] = (),
        letterhead: int = 0,
        signature: int = 0,
    ) -> str:
        """Adds an article at the address TRS would give it; gives its path."""
        published = datetime.strptime(when, "%Y-%m-%d %H:%M")  # noqa: DTZ007  (pages print local time without zone)
        path = f"{column}{published:%Y%m}/t{published:%Y%m%d}_{number}.html"
        self.add(
            Article(
                path=path,
                title=title,
                published=published,
                source=source,
                paragraphs=paragraphs,
                column=column,
                report_year=report_year,
                publishers=publishers,
                letterhead=letterhead,
                signature=signature,
            )
        )
        return path

    def also_listed(self, column: str, paths: Iterable[str]) -> None:
        """Names articles of other columns in this one, as parent columns do."""
        rows = sorted(
            {*self.columns[column].rows, *paths}, key=lambda path: self.articles[path].published, reverse=True
        )
        self.columns[column] = replace(self.columns[column], rows=tuple(rows))

    # Serving

    def draw(self, path: str, query: str) -> Rendered | None:
        """The page at a path, whatever its query."""
        if path in self.articles:
            return Rendered(text=self.article_page(self.articles[path]))
        found = PAGE_NAME.fullmatch(path)
        if found is None:
            return None
        if found["folder"] == "/" and found["number"] is None:
            return Rendered(text=self.home_page())
        column = self.columns.get(found["folder"])
        number = int(found["number"] or 0)
        if column is None or (number and number >= self.page_count(column)):
            return None
        return Rendered(text=self.list_page(self.view(column, number)))

    def page_count(self, column: Column) -> int:
        """Pages a column has, at least one."""
        return max(1, -(-len(column.rows) // column.per_page))

    def list_paths(self, column: str) -> list[str]:
        """The paths of all pages of a column."""
        count = self.page_count(self.columns[column])
        return [column, *(f"{column}index_{number}.html" for number in range(1, count))]

    def view(self, column: Column, number: int) -> ListView:
        """One page of a column."""
        rows = () if self.is_rowless(column.path) else column.rows
        start = number * column.per_page
        return ListView(
            column=column,
            rows=tuple(self.articles[row] for row in rows[start : start + column.per_page]),
            number=number,
            count=self.page_count(replace(column, rows=rows)),
            total=len(rows),
            crumbs=self.crumbs(column),
            children=self.children(column),
            siblings=self.children(self.columns[column.parent]) if column.parent in self.columns else (),
        )

    def children(self, column: Column) -> tuple[Column, ...]:
        """The columns a column's menu names."""
        below = tuple(
            other for other in self.columns.values() if other.parent == column.path and other.linked
        )
        if column.path not in self.unfolded:
            return below
        return tuple(shown for other in below for shown in (other, *self.children(other)))

    def crumbs(self, column: Column) -> tuple[Crumb, ...]:
        """The way from the home page to a column."""
        way = [Crumb(name=column.name, path=column.path)]
        while column.parent in self.columns:
            column = self.columns[column.parent]
            way.append(Crumb(name=column.name, path=column.path))
        return (Crumb(name="首页", path="/"), *reversed(way))

    # Drawing

    @abstractmethod
    def header(self) -> str:
        """What stands above the content of every page."""

    @abstractmethod
    def footer(self) -> str:
        """What stands below it."""

    @abstractmethod
    def article_main(self, article: Article) -> str:
        """The content of an article page."""

    @abstractmethod
    def list_main(self, view: ListView) -> str:
        """The content of a list page."""

    @abstractmethod
    def home_main(self) -> str:
        """The content of the home page."""

    def article_page(self, article: Article) -> str:
        """A whole article page."""
        metas = (
            *self.column_metas(self.columns[article.column]),
            ("ArticleTitle", article.title),
            ("PubDate", f"{article.published:%Y-%m-%d %H:%M}"),
            ("ContentSource", article.source),
            ("Keywords", ""),
            ("Url", self.url(article.path)),
        )
        return self.frame(f"{article.title}_{self.site_name}", metas, self.article_main(article))

    def list_page(self, view: ListView) -> str:
        """A whole list page."""
        metas = self.column_metas(view.column)
        return self.frame(f"{view.column.name}_{self.site_name}", metas, self.list_main(view))

    def home_page(self) -> str:
        """The whole home page."""
        return self.frame(self.site_name, (*self.site_metas(), ("ColumnType", "首页")), self.home_main())

    def site_metas(self) -> tuple[tuple[str, str], ...]:
        """The metas of every page."""
        return (("SiteName", self.site_name), ("SiteDomain", self.host), ("SiteIDCode", self.site_code))

    def column_metas(self, column: Column) -> tuple[tuple[str, str], ...]:
        """The metas of every page of a column."""
        return (
            *self.site_metas(),
            ("ColumnName", column.name),
            ("ColumnDescription", f"{self.site_name}{column.name}"),
            ("ColumnKeywords", column.name),
            ("ColumnType", column.name),
        )

    def frame(self, title: str, metas: Iterable[tuple[str, str]], main: str) -> str:
        """A page round its content."""
        lines = "\n".join(f'<meta name="{name}" content="{html.escape(value)}">' for name, value in metas)
        return (
            '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
            f"<title>{html.escape(title)}</title>\n{lines}\n"
            f'<link rel="stylesheet" href="/images/common_2021.css">\n{style(self.key, 7000)}\n'
            f'<script src="/images/jquery-1.12.4.min.js"></script>\n{script(self.key, 12000)}\n</head>\n'
            f"<body>\n{self.header()}\n{main}\n{self.footer()}\n"
            f"{script(self.key + 'foot', 7000)}\n</body>\n</html>\n"
        )

    def recommended(self, count: int = 3) -> list[Article]:
        """Links that change from fetch to fetch."""
        pool = sorted(self.near_misses, key=lambda article: article.path)
        turn = self.furniture.rotation
        return [pool[(turn + place) % len(pool)] for place in range(min(count, len(pool)))]


def relative(column: str, path: str) -> str:
    """A path as TRS writes it in a column's list: ``./202403/…`` or ``../…``."""
    to = posixpath.relpath(path, column)
    tail = "/" if path.endswith("/") else ""
    return (to if to.startswith("..") else "./" if to == "." else f"./{to}") + (tail if to != "." else "")
