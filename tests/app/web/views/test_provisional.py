"""First plans of a search open with map, verdict and numbers, say what they are, and offer nothing that is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.runs import optimize
from app.runs.first_plans import provisional_plans
from app.runs.loading import load_resolved
from app.runs.phases import watched
from app.runs.provisional_plans import FirstPlansFolder
from app.runs.working_folder import ScenarioFolder
from app.web.documents.scenario_draft import draft_of
from app.web.documents.workspace import Workspace
from app.web.jobs.queue import has_front, is_provisional, opens
from data.catalogue import text
from optimizers.algorithms.request import SearchRequest
from room_fixtures import shown

Open = Callable[..., AppTest]


@pytest.fixture
def first(workspace: Workspace) -> str:
    """A run as its search leaves it before the first checkpoint."""
    tiny = load_resolved("tiny", "tiny")
    record = optimize._first_record(tiny, SearchRequest(), city="tiny", seed_run=None)
    folder = FirstPlansFolder(ScenarioFolder(workspace.run_folder("searched"), record, resolved=tiny))
    with watched(workspace.folder / "p.jsonl"):
        provisional_plans(tiny, keep=folder.keep)
    folder.working.close()
    return "searched"


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_front_and_plan_open_and_say_what_they_are(
    open_page: Open, workspace: Workspace, first: str, language: str
) -> None:
    assert (opens(workspace, first), is_provisional(workspace, first), has_front(workspace, first)) == (
        True,
        True,
        False,
    )
    said = text("run_provisional_goes_on", language, n=3)
    app = open_page("front", lang=language, run=first)
    assert not app.exception
    assert not app.error
    assert any(said[:3] in warning.value for warning in app.warning)
    assert app.button(key="open_plan")
    assert text("candidates_more", language) not in shown(app)
    app = open_page("plan", lang=language, run=first, plan="f001")
    assert not app.exception
    assert not app.error
    assert any(said[:3] in warning.value for warning in app.warning)
    questions = next(item for item in app.get("button_group") if "plan_question" in (item.key or ""))
    assert text("plan_question_change", language) not in questions.options
    assert text("plan_question_glance", language) in questions.options


def test_a_first_plan_that_is_gone_leads_to_the_front(open_page: Open) -> None:
    app = open_page("plan", lang="en", run="first", plan="f001")
    assert not app.exception
    assert not app.error
    assert text("first_plans_superseded", "en") in app.success[0].value


def test_other_pages_do_not_offer_it(open_page: Open, workspace: Workspace, first: str) -> None:
    app = open_page("front", lang="en")
    assert not app.exception
    assert app.selectbox[0].value == "first"
    assert first in workspace.run_ids()
    app = open_page("compare", lang="en")
    assert not app.exception
    assert first not in str([item.options for item in app.multiselect])
    workspace.write("draft", "draft-1", {"city": "tiny", "preset": "", "content": draft_of("tiny")})
    app = open_page("search", lang="en", draft="draft-1")
    assert not app.exception
    seeds = next(item for item in app.selectbox if item.key and item.key.startswith("seed_run"))
    assert len(seeds.options) == 3  # none, the finished run, and first plans, which may begin another search
