"""The pages themselves: links lead somewhere, sentences are short, reference and diary stand apart."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import mean

import pytest

from page_fixtures import DIARY, PAGES, ROOT, headings, links, n_words, sentences, without_code

LONGEST_MEAN = 22
REFERENCE = [
    page for page in PAGES if DIARY not in page.parents and page.name != "CHANGELOG.md" and ".zh" not in page.name
]
SOURCED = ("parameters.md", "planner-check.md")
"""Pages made from the book, whose sources have dates."""
DIARY_PAGES = sorted(DIARY.glob("2*.md"))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in links(page):
        if target.startswith(("http://localhost", "https://")):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), target
        if anchor:
            assert anchor in headings(goal), target


@pytest.mark.parametrize("page", REFERENCE, ids=name)
def test_sentences_of_reference_pages_are_short(page: Path) -> None:
    assert mean(map(n_words, sentences(page))) < LONGEST_MEAN


@pytest.mark.parametrize("page", [page for page in REFERENCE if page.name not in SOURCED], ids=name)
def test_reference_pages_tell_no_history(page: Path) -> None:
    """What has a date belongs to the diary; a link to a page of the diary may name it, and so may a cited source."""
    prose = re.sub(r"\]\([^)]*\)", "]", without_code(page))
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b|What was tried", prose)


@pytest.mark.parametrize("page", DIARY_PAGES, ids=name)
def test_diary_pages_have_their_date(page: Path) -> None:
    date = page.name[:10]
    assert page.read_text(encoding="utf-8").startswith(f"# {date}: ")
    assert f"| {date} | " in (DIARY / "index.md").read_text(encoding="utf-8")


def test_the_diary_names_every_page() -> None:
    assert {page.name for page in DIARY_PAGES} == set(links(DIARY / "index.md"))


def test_paths_in_pages_are_there() -> None:
    """A file of the repository that a reference page names in code exists; NAME stands for one to be made."""
    for page in REFERENCE:
        for path in re.findall(r"`((?:data|envs|agents|optimizers|app|tests|docs)/[\w/.-]+)`", without_code(page)):
            assert "NAME" in path or (ROOT / path).exists(), f"{name(page)}: {path}"
