"""What parties say in the words of a language model: only what they were told, or their own words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.stakeholders.speeches import Role, is_answer, question, roles, speeches
from bargain_fixtures import negotiation_of
from data.headings.spoken_numbers import sentences_of, untold_numbers
from envs.people.bargaining.parties import PARTIES

TOLD = tuple(
    Role(party, party != "tenants", ("Consent 43 %, 43 households short.", f"Gain: -{k}00 CNY per m2 of site."), "Own.")
    for k, party in enumerate(PARTIES, start=3)
)


def answer(**says: str) -> str:
    """All parties agree with the numbers on who is satisfied, and say nothing unless given."""
    said = {role.party: {"satisfied": role.is_satisfied, "says": says.get(role.party, "So be it.")} for role in TOLD}
    return json.dumps(said, ensure_ascii=False)


def test_a_number_that_was_not_told_is_struck_out_with_its_sentence() -> None:
    """The developer's 400 is nothing that villagers were told."""
    words = "Consent is 43 %. We lose 300 CNY per m2, not 400 CNY per m2. Forty households left! We hope."
    villagers, developer, *_ = speeches(TOLD, answer(villagers=words, developer="We lose 400 CNY per m2."))
    assert villagers.words == "Consent is 43 %. We hope."
    assert villagers.struck == ("We lose 300 CNY per m2, not 400 CNY per m2.", "Forty households left!")
    assert villagers.untold == ("400", "Forty")
    assert (developer.words, developer.is_of_model) == ("We lose 400 CNY per m2.", True)


def test_who_loses_everything_said_speaks_for_himself() -> None:
    villagers = speeches(TOLD, answer(villagers="All 12 of us agree."))[0]
    assert (villagers.words, villagers.is_of_model) == ("Own.", False)


def test_nobody_is_made_to_say_the_opposite() -> None:
    said = json.loads(answer())
    said["tenants"]["satisfied"] = True
    tenants = speeches(TOLD, json.dumps(said))[-1]
    assert (tenants.words, tenants.is_satisfied, tenants.struck, tenants.untold) == ("Own.", False, ("So be it.",), ())


def test_chinese_sentences_are_joined_without_spaces() -> None:
    assert speeches(TOLD, answer(villagers="同意率43 %。共 12 户。不行。"))[0].words == "同意率43 %。不行。"


def test_control_characters_are_shown_and_not_sent_to_a_terminal() -> None:
    assert speeches(TOLD, answer(villagers="Yes\u001b[J."))[0].words == "Yes\\x1b[J."


@pytest.mark.parametrize(
    "spoiled",
    [
        "",
        "I am sorry.",
        "[]",
        "{}",
        "[" * 9999,
        answer()[:-3],
        answer().replace('"villagers"', '"mayor"'),
        answer().replace("}}", '}, "mayor": {"satisfied": true, "says": "Hm."}}'),
        answer().replace("true", '"yes"', 1),
        answer().replace("true", "1", 1),
        answer(villagers=""),
        answer(villagers="x" * 801),
        answer().replace('"says"', '"score": 5, "says"', 1),
        json.dumps(dict.fromkeys(PARTIES, "So be it.")),
    ],
)
def test_an_answer_of_another_form_is_none(spoiled: str) -> None:
    assert not is_answer(spoiled)
    assert [(one.words, one.is_of_model) for one in speeches(TOLD, spoiled)] == [("Own.", False)] * 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_roles_are_told_all_that_they_say_themselves(language: str) -> None:
    """The plan, own offers and the end, with units; whoever is satisfied at the end is. Own words hold told numbers."""
    terms: dict[str, list[dict[str, float]]] = {
        "villagers": [{"house": 4.0, "cash": 6.0}, {"house": 4.0, "cash": 2.0}, {"house": 2.0, "cash": 1.0}],
        "developer": [{"sales": 9.0, "works": -7.0}, {"sales": 9.0, "works": -3.0}, {"sales": 12.0, "works": -4.0}],
        "government": [{"land": 3.0, "compensation": -2.0}] * 3,
        "tenants": [{"rent": -5.0, "services": 1.0}] * 3,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.stakeholders.wording.package_words", lambda *_: "package")
        told = roles(negotiation_of(terms), 0, language)
    assert [role.is_satisfied for role in told] == [True, True, True, False]
    assert any("-4 CNY per m2" in line or "每平方米用地 -4 元" in line for line in told[-1].told)
    for role in told:
        assert [n for sentence in sentences_of(role.own_words) for n in untold_numbers(sentence, role.told)] == []
    system, user = question(told, language)
    assert (system["role"], user["role"]) == ("system", "user")
    assert list(json.loads(user["content"])) == list(PARTIES)


words: st.SearchStrategy[Any] = st.lists(
    st.sampled_from(
        ["43 %", "43", "300 CNY per m2", "-300", "12", "half", "一百", "户", "。", ". ", "!", "we", " ", "３"]
    ),
    min_size=1,
    max_size=12,
).map("".join)


@settings(max_examples=60)
@given(words)
def test_no_number_survives_that_was_not_told(said: str) -> None:
    """Whatever a model says, what is left repeats what was told; and nothing is lost that is not told as struck."""
    spoken = speeches(TOLD, answer(villagers=said))[0]
    left = sentences_of(spoken.words)
    assert [number for sentence in left for number in untold_numbers(sentence, (*TOLD[0].told, "Own."))] == []
    if spoken.is_of_model or spoken.struck:
        kept = spoken.words if spoken.is_of_model else ""
        assert sorted("".join(kept + "".join(spoken.struck)).replace(" ", "")) == sorted(said.replace(" ", ""))
