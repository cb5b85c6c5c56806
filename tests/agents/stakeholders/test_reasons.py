"""Why a party is satisfied: the term that moves it most, its own difference, in both languages."""

from __future__ import annotations

import numpy as np
import pytest

from agents.stakeholders.dialogue import Act, dialogue
from agents.stakeholders.reasons import against_nothing, against_own, of_speaker
from agents.stakeholders.stands import stand_of
from bargain_fixtures import negotiation_of
from envs.kernel.consent import Voters
from envs.people.bargaining.electorate import draw_ratios
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.parties import PARTIES

TERMS = {
    "villagers": [{"house": 4.0, "cash": 6.0}, {"house": 4.0, "cash": 2.0}, {"house": 2.0, "cash": 1.0}],
    "developer": [{"sales": 9.0, "works": -7.0}, {"sales": 9.0, "works": -3.0}, {"sales": 12.0, "works": -4.0}],
    "government": [{"land": 3.0, "compensation": -2.0}] * 3,
    "tenants": [{"rent": -5.0, "services": 1.0}] * 3,
}
"""The two parties worked by hand, (10, 2), (6, 6), (3, 8), and a government that gains 1 everywhere."""


@pytest.fixture(scope="module")
def negotiation() -> Negotiation:
    return negotiation_of(TERMS, veto=(True, True, True, False))


def test_a_dialogue_by_hand(negotiation: Negotiation) -> None:
    """The plan, three openings, two concessions, agreement: who speaks, on what, and who is satisfied."""
    said = dialogue(negotiation, 0)
    assert [(s.round, s.act.value, s.speaker, s.package) for s in said] == [
        (0, "plan", "", 0),
        (0, "open", "villagers", 0),
        (0, "open", "developer", 2),
        (0, "open", "government", 1),
        (1, "concede", "villagers", 1),
        (2, "concede", "developer", 1),
        (2, "agree", "", 1),
    ]
    assert [[opinion.is_satisfied for opinion in s.opinions] for s in said] == [
        [True, True, True, False],
        [True, False, True, False],
        [False, True, True, False],
        [False, False, True, False],
        [True, False, True, False],
        [True, True, True, False],
        [True, True, True, False],
    ]
    assert [opinion.utility for opinion in said[-1].opinions] == [6.0, 6.0, 1.0, -4.0]


def test_the_term_that_moves_most_is_named(negotiation: Negotiation) -> None:
    """From (3, 8) to (6, 6) the developer loses 3 of sales and gains 1 of works: sales, 3 of 2 in all."""
    worse = against_own(stand_of(negotiation, 0, "developer"), 1, own=2)
    assert not worse.is_satisfied
    assert worse.reason.text("en") == (
        "2 CNY per m2 of site short of its own offer, most of it by sales of housing (3)."
    )
    assert worse.reason.text("zh") == "比自己的报价每平方米用地少得 2 元，主要由于商品房销售（3 元）。"
    better = against_own(stand_of(negotiation, 0, "villagers"), 0, own=2)
    assert better.is_satisfied
    assert "the money offered (5)" in better.reason.text("en")
    gives = of_speaker(stand_of(negotiation, 0, "villagers"), 1, before=0)
    assert gives.reason.text("en").startswith("Gives up 4 CNY per m2 of site of its last offer")
    assert "货币补偿（4 元）" in gives.reason.text("zh")


def test_equal_and_own_offers(negotiation: Negotiation) -> None:
    assert against_own(stand_of(negotiation, 0, "government"), 0, own=1).reason.key == "bargain_reason_equal"
    assert against_own(stand_of(negotiation, 0, "government"), 1, own=1).reason.key == "bargain_reason_own"
    assert of_speaker(stand_of(negotiation, 0, "villagers"), 0, before=None).reason.key == "bargain_reason_plan"
    assert of_speaker(stand_of(negotiation, 0, "government"), 1, before=None).reason.key == "bargain_reason_open_equal"
    assert of_speaker(stand_of(negotiation, 0, "developer"), 2, before=None).reason.key == "bargain_reason_open_more"
    assert of_speaker(stand_of(negotiation, 0, "villagers"), 2, before=None).reason.key == "bargain_reason_open_less"


def test_tenants_speak_without_a_veto(negotiation: Negotiation) -> None:
    tenants = against_nothing(stand_of(negotiation, 0, "tenants"), 1)
    assert (tenants.utility, tenants.is_satisfied) == (-4.0, False)
    assert tenants.reason.text("zh") == "与不达成协议相比，每平方米用地受损 4 元，主要由于租金上涨（5 元）。"


def test_households_that_are_short_are_counted() -> None:
    """30 households, of whom 20 must agree, at an offer of 1.08 for each yuan given up."""
    ratios = np.sort(draw_ratios(1, "V1", 30, 1, Voters((1.0,), (1.0,), 0.4))[0])
    pivotal, n_agree = float(ratios[19]), int(np.count_nonzero(ratios <= 1.08))
    assert n_agree < 20
    terms = {**TERMS, "villagers": [{"house": 0.0, "cash": 1.08}] * 3}
    short = negotiation_of(terms, ratio=pivotal, given_up=1.0, multiplier=[1.08] * 3)
    said = dialogue(short, 0)
    assert [s.act for s in said] == [Act.PLAN, Act.DEADLOCK]
    reason = said[1].opinions[0].reason
    assert reason.text("zh") == (
        f"同意率 {100 * n_agree / 30:.0f} %，缺 {20 - n_agree} 户：补偿倍数 1.080 低于枢纽户所需 {pivotal:.3f}。"
    )
    assert PARTIES[short.result.blocker[0]] == "villagers"
    assert short.blocking_term(0) == "home"


def test_where_enough_agree_the_vote_is_told() -> None:
    plenty = negotiation_of(
        {**TERMS, "villagers": [{"house": 0.0, "cash": 9.0}] * 3}, given_up=1.0, multiplier=[9.0] * 3
    )
    assert against_nothing(stand_of(plenty, 0, "villagers"), 0).reason.text("en") == (
        "Consent 100 %: 30 of 30 households agree, 20 are needed."
    )


def test_without_cash_no_multiplier_helps() -> None:
    terms = {**TERMS, "villagers": [{"house": 0.1, "cash": 0.0}] * 3}
    short = negotiation_of(terms, given_up=1.0, house_cny=[0.1] * 3, cash_cny=[0.0] * 3)
    assert against_nothing(stand_of(short, 0, "villagers"), 0).reason.key == "bargain_reason_no_cash"
