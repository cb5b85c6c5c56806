"""Sections of a plan stand under the questions that they answer; the overview leads to them."""

from __future__ import annotations

from app.web.sections.questions.plan_questions import QUESTIONS, question_of
from data.catalogue import text
from room_fixtures import choose, shown


def test_every_section_answers_one_question() -> None:
    sections = [section for several in QUESTIONS.values() for section in several]
    assert len(sections) == len(set(sections))
    assert question_of("day") == "losers"
    for language in ("zh", "en"):
        for name in (*(f"plan_question_{question}" for question in QUESTIONS), *(f"section_{s}" for s in sections)):
            assert text(name, language)


def test_the_overview_says_what_tenants_bear_and_leads_on(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    app = open_page("plan", lang="zh", run="first", plan="p010")
    assert text("tenants_line", "zh", said="")[:4] in shown(app)
    app.button(key="plan_jump_scorecard").click().run()
    assert not app.exception
    assert text("scorecard", "zh") in shown(app)
    question = next(item for item in app.get("button_group") if "plan_question" in (item.key or ""))
    assert question.value == "wrong"
    choose(app, "plan_section", "money")
    assert text("who_pays", "zh") in shown(app)
