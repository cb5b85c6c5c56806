"""Cards of the named candidates on page Front: what they say, what limits leave, and that words are no markup."""

from __future__ import annotations

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.plans.differences import SAME, Difference
from app.runs.run_folder import Run, load_run
from app.web.sections.candidates.card_html import Card, MeasureLine, card_html
from app.words.console import money_scale, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from room_fixtures import choose, shown

SERVICES, COST = "service_accessibility", "total_cost_cny"


def cards(app: AppTest) -> list[str]:
    return [item.proto.body for item in app.get("html") if item.proto.body.startswith("<article")]


def words(card: str) -> str:
    return re.sub(r"<[^>]*>", "|", card)


@pytest.fixture
def first(workspace) -> Run:  # type: ignore[no-untyped-def]
    return load_run(workspace.run_folder("first"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_candidates_have_letters_names_and_what_tenants_bear(open_page, first: Run, language: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page("front", lang=language, run="first")
    assert not app.exception
    told = [words(card) for card in cards(app)]
    assert [re.search(r"\|([A-Z])\|", card).group(1) for card in told] == list("ABCDEFGHIJ"[: len(told)])  # type: ignore[union-attr]
    best = int(np.argmax(first.front[SERVICES]))
    card = next(card for card in told if first.plan_ids[best] in card)
    assert f"|{value_text(float(first.front[SERVICES][best]), '0..1', language)}|" in card
    tenants = value_text(float(first.front["displaced_tenants_persons"][best]), "persons", language)
    assert tenants in card.rpartition(text("tenants_line", language, said="")[:4])[2]
    assert text("mark_keep", language) in told[-1]


def test_a_limit_on_cost_names_the_best_within_it(open_page, first: Run) -> None:  # type: ignore[no-untyped-def]
    """The limit is typed in the unit of the page; the best for services is that of the plans below it."""
    factor = money_scale("CNY", "en")[0]
    cost = first.front[COST].to_numpy(np.float64)
    limit = float(np.median(cost))
    app = open_page("front", lang="en", run="first")
    field = next(item for item in app.number_input if "most_cost" in (item.key or ""))
    field.set_value(limit / factor).run()
    inside = np.flatnonzero(cost <= limit)
    assert text("candidates_count", "en", n=len(inside), all=len(cost)) in shown(app)
    best = first.plan_ids[int(inside[np.argmax(first.front[SERVICES].to_numpy()[inside])])]
    label = text("mark_best", "en", name=INDICATORS[SERVICES].label["en"].lower())
    (card,) = [card for card in map(words, cards(app)) if label in card]
    assert best in card
    assert app.query_params["plan"] not in (first.plan_ids[int(np.argmax(cost))],)
    dear = first.plan_ids[int(np.argmax(cost))]
    picker = next(box for box in app.selectbox if box.label == "Plan")
    picker.set_value(dear).run()
    chosen = next(card for card in cards(app) if "candidate-chosen" in card)
    assert dear in chosen
    assert text("candidates_outside", "en") in chosen
    app.number_input[0].set_value(0.0).run()
    assert not app.exception
    assert first.plan_ids[int(np.argmin(cost))] in "".join(item.value for item in app.info) or (cost == 0.0).any()


def test_another_plan_to_hold_against_and_the_way_to_its_page(open_page, first: Run) -> None:  # type: ignore[no-untyped-def]
    app = open_page("front", lang="en", run="first")
    take = next(
        item for item in app.button if "candidate_take" in item.key and item.label == text("candidates_take", "en")
    )
    plan_id = take.key.rpartition(":")[2]
    take.click().run()
    assert app.query_params["plan"] in (plan_id, [plan_id])
    chosen = next(card for card in cards(app) if "candidate-chosen" in card)
    assert plan_id in chosen
    assert "candidate-said" not in chosen


@pytest.mark.parametrize("tool", ["ways", "brush", "price", "often"])
def test_other_ways_are_one_row_away(open_page, first: Run, tool: str) -> None:  # type: ignore[no-untyped-def]
    app = choose(open_page("front", lang="zh", run="first"), "front_tools", tool)
    assert not app.exception
    assert not app.error


def test_words_of_a_card_are_no_markup() -> None:
    wicked = "<script>alert(1)</script>"
    item = MeasureLine(wicked, wicked, Difference(SAME, 0.0, 0.0), wicked)
    said = card_html(Card(wicked, wicked, wicked, [item], wicked))
    assert "<script>" not in said
    assert said.count("&lt;script&gt;") == 7
