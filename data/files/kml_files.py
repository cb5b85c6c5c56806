"""KML from outside: only features that stand in the file itself are read, and nothing that it points to."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from data.errors import reason_of, refuse

OUTSIDE = ("NetworkLink", "NetworkLinkControl", "Include")
"""Elements that fetch another file."""
STYLE_COLUMNS = (
    "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet",
)  # fmt: skip
"""Columns that every KML gets from its reader; they say how a feature is drawn."""


def harmless_kml(path: Path) -> bytes:
    """The features of a KML file, written anew, so that its reader sees no declaration, comment or link.

    Raises:
        InputError: it is no KML, declares a document type, or holds a link to another file.
    """
    content = path.read_bytes()
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<\x00!\x00" in content:
        raise refuse("xml_file")
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise refuse("vector_unreadable", reason=reason_of(error)) from error
    if _local(root.tag) != "kml":
        raise refuse("xml_file")
    names = {_local(element.tag) for element in root.iter()}
    if any(name in OUTSIDE or name.upper().startswith("OGR") for name in names):
        raise refuse("xml_file")
    ElementTree.register_namespace("", root.tag.partition("}")[0].strip("{") or "http://www.opengis.net/kml/2.2")
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
