"""A clause in other words is read by the grammar alone, and says the same numbers, years and names."""

from __future__ import annotations

import json

import pytest

from data.sentences.reading import Reading, read_sentence
from data.sentences.rewording import Rewording, question, reworded, rewordings, to_reword
from data.sentences.tokens import Places

SENTENCE = "ten years, cram nothing beyond a FAR of 2.5, 30 villages a year"
CLAUSE = "cram nothing beyond a FAR of 2.5"


def read_as(says: str, sentence: str = SENTENCE) -> Reading:
    reading = read_sentence(sentence)
    (clause,) = to_reword(reading)
    return reworded(reading, [Rewording(clause.words, says)], Places())


def test_a_faithful_rewording_is_read_by_the_grammar() -> None:
    """The whole sentence is then read; the row shows both its own words and the others."""
    reading = read_as("floor area ratio at most 2.5")
    assert reading.unclear == ()
    assert reading.fields == {"plan_years": 10, "floor_area_ratio.high": 2.5, "villages_per_year": 30}
    assert reading.said[1].words == f"{CLAUSE} → floor area ratio at most 2.5"
    assert SENTENCE[reading.said[1].start : reading.said[1].end] == CLAUSE


@pytest.mark.parametrize(
    "says",
    [
        "",
        "floor area ratio at most 2.6",
        "floor area ratio at most 25",
        "floor area ratio between 2 and 2.5",
        "floor area ratio at most 2.5 in year 3",
        "no commodity housing",
        "floor area ratio at most 2.5, commute first",
        "floor area ratio at most 2.5, no commodity housing",
        "cram nothing beyond 2.5",
        "floor area ratio 2.5 %",
        "villages V0001 must be renewed",
    ],
)
def test_what_says_something_else_is_not_taken(says: str) -> None:
    assert [one.words for one in read_as(says).unclear] == [CLAUSE]


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("cram the FAR to at most 2.5", "floor area ratio at least 2.5"),
        ("劳驾容积率不超过2.5", "容积率不低于2.5"),
        ("劳驾不建商品住房哈", "只建商品住房"),
        ("劳驾只建商品住房哈", "建商品住房"),
        ("cram no commodity housing in", "commodity housing allowed"),
        ("劳驾十年之内搞定", "规划期十二年"),
        ("劳驾资金峰值控制在一千亿以内", "资金峰值不超过一百亿元"),
        ("劳驾容积率两三就行", "容积率不超过三"),
        ("cram the FAR to 2x5", "floor area ratio at most 2.5"),
        ("劳驾V0001必须改造", "V0002必须改造"),
    ],
)
def test_no_side_number_or_name_is_turned(sentence: str, says: str) -> None:
    reading = read_as(says, sentence)
    assert reading.said == ()


@pytest.mark.parametrize(
    "sentence",
    ["if prices fall, 30 villages a year", "容积率2.5", "ten years, twelve years", "ten years, commute first"],
)
def test_only_unknown_words_are_put_otherwise(sentence: str) -> None:
    """Conditions, missing sides and contradictions are for people to settle."""
    assert to_reword(read_sentence(sentence)) == ()


def test_two_rewordings_that_contradict_are_named() -> None:
    reading = read_sentence("cram nothing beyond a FAR of 2.5, nor any crammed FAR of 2.8")
    offered = [Rewording(one.words, f"FAR at most {one.words[-3:]}") for one in to_reword(reading)]
    assert len(offered) == 2
    assert [one.message.key for one in reworded(reading, offered, Places()).unclear] == ["sentence_contradiction"] * 2


def test_what_was_not_asked_for_is_left_alone() -> None:
    reading = read_sentence(SENTENCE)
    offered = [Rewording("30 villages a year", "40 villages a year"), Rewording("no such words", "commute first")]
    assert reworded(reading, offered, Places()) == reading


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_question_holds_the_clauses_and_the_words_that_are_known(language: str) -> None:
    system, user = question(read_sentence(SENTENCE), language)
    assert json.loads(user["content"]) == {"sentence": SENTENCE, "clauses": [CLAUSE]}
    assert {"en": "far / ", "zh": "容积率 / "}[language] in system["content"]
    assert '{"clauses": [{"words":' in system["content"]


SPOILED = [
    "",
    "FAR",
    "[]",
    "{}",
    "[" * 9999,
    '{"clauses": [{"words": "a"}]}',
    '{"clauses": [], "fields": {"plan_years": 3}}',
    '{"clauses": [{"words": "a", "says": "b", "plan_years": 3}]}',
    '{"clauses": [{"words": "a", "says": 3}]}',
]


@pytest.mark.parametrize("answer", SPOILED)
def test_an_answer_of_another_form_is_none(answer: str) -> None:
    assert rewordings(answer) is None


def test_an_answer_by_hand() -> None:
    assert rewordings('{"clauses": [{"words": "a", "says": " b "}]}') == (Rewording("a", "b"),)
