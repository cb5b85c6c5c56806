"""The pages of the docs as the tests read them: prose, headings, links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIARY = ROOT / "docs" / "lab"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
_FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)")
_NO_PROSE = re.compile(r"^\s*(\||#|!\[|<!--|:::)")
_SENTENCE_END = re.compile(r"(?<=[.!?])[)\"*]*\s+(?=[\"*(`A-Z0-9])")


def without_code(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    return [target for _, target in _LINK.findall(without_code(page))]


def headings(page: Path) -> set[str]:
    """Anchors of a page, as GitHub and mkdocs make them of its headings."""
    titles = re.findall(r"^#+ +(.*?)\s*$", without_code(page), flags=re.MULTILINE)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", title.lower())) for title in titles}


def sentences(page: Path) -> list[str]:
    """Sentences of the running text: no code, tables, headings; a link is its words, a list's items stand alone."""
    lines = ["" if _NO_PROSE.match(line) else line for line in without_code(page).splitlines()]
    prose = _LINK.sub(r"\1", "\n".join(lines))
    prose = re.sub(r"^\s*([-*]|\d+\.) +", "\n", prose, flags=re.MULTILINE)
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", prose)]
    return [sentence for paragraph in paragraphs if paragraph for sentence in _SENTENCE_END.split(paragraph)]


def n_words(sentence: str) -> int:
    """Words of a sentence; a piece of code is one."""
    return len(re.sub(r"`[^`]*`", "code", sentence).split())
