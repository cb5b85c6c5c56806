"""Refusals in Chinese: every pattern speaks the words of the engine, and what a visitor can cause is translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.web.documents.refusal_texts import PATTERNS_FILE, patterns, refusal_text
from data.strict_yaml import read_mapping

REPOSITORY = Path(__file__).resolve().parents[4]
PLACE = re.compile(r"\{\w+\}")


@pytest.fixture(scope="module")
def source() -> str:
    """Every text of the program; what stands in braces there is a value."""
    folders = ("data", "envs", "optimizers", "app")
    words = "\n".join(
        path.read_text(encoding="utf-8") for name in folders for path in (REPOSITORY / name).rglob("*.py")
    )
    return re.sub(r'"\s*\n\s*(?:message|rule) \+= f?"|"\s*\n\s*f?"', "", words)


@pytest.mark.parametrize(("english", "chinese"), read_mapping(PATTERNS_FILE).items())
def test_places_carry_over_and_the_text_is_chinese(english: str, chinese: str) -> None:
    assert set(PLACE.findall(chinese)) <= set(PLACE.findall(english))
    assert re.search(r"[一-鿿]", chinese)
    filled = PLACE.sub("7", english)
    assert sum(bool(pattern.search(filled)) for pattern, _ in patterns()) >= 1


def test_what_is_not_known_stays_as_it_is() -> None:
    assert refusal_text("a new message\nof two lines", "zh") == "a new message\nof two lines"
