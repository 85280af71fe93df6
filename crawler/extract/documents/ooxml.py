"""The common ground of Office Open XML: parts found through relationships, names without namespaces."""

from __future__ import annotations

import posixpath

from lxml import etree

from crawler.extract.documents.package import Package

MAIN_TYPES = {"docx": "officeDocument"}


def local(element: etree._Element) -> str:
    """The name of an element whatever its namespace: transitional and strict files differ in nothing else."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of that name."""
    for inner in element:
        if local(inner) == name:
            return inner
    return None


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute whatever its namespace."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def value(element: etree._Element | None, name: str) -> str | None:
    """The ``val`` of a child."""
    inner = child(element, name) if element is not None else None
    return attribute(inner, "val") if inner is not None else None


def number(text: str | None) -> int | None:
    """An attribute as a number, None for what is none or absurd."""
    try:
        found = int(text or "")
    except ValueError:
        return None
    return found if abs(found) < 1_000_000 else None


def related(package: Package, part: str, kind: str) -> str | None:
    """The part that another names by a relationship whose type ends in ``kind``."""
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in package:
        return None
    for relation in package.xml(relations):
        target = relation.get("Target")
        external = relation.get("TargetMode") == "External"
        if (relation.get("Type") or "").rpartition("/")[2] == kind and target and not external:
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            if path in package:
                return path
    return None


def main_part(package: Package, kind: str, usual: str) -> str:
    """The part that is the document itself; its usual place if the relationships say nothing."""
    return related(package, "", kind) or usual
