"""The parties bargain on the page Plan: it shows what the protocol did; what is agreed on opens as edits."""

from __future__ import annotations

import shutil

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import NumberInput, Selectbox

from agents.stakeholders.dialogue import dialogue, pool_dialogue
from agents.stakeholders.wording import pool_statement_words, statement_words
from app.bargaining.bargain_tables import rounds_table
from app.bargaining.bargain_text import pool_sentences
from app.bargaining.bargained_plan import Table, bargain_plan
from app.files.names import plain
from app.runs.run_folder import Run
from app.web.documents.plan_edits import apply_edits, read_edits
from data.catalogue import text
from envs.kernel.plans import same_plans
from envs.people.bargaining.protocol import NOBODY
from model_server import model_server, says
from room_fixtures import choose, shown


@pytest.fixture
def plan_id(run: Run, workspace) -> str:  # type: ignore[no-untyped-def]
    """Of the run `made` in the room, the plan of the largest present value: there is something to share out."""
    shutil.copytree(run.folder, workspace.folder / "made")
    return str(run.front.loc[run.front["net_present_value_cny"].idxmax(), "plan_id"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_village_bargains_in_words(open_page, run: Run, plan_id: str, language: str) -> None:  # type: ignore[no-untyped-def]
    """Every offer stands there, a card for each party, and the way it ends."""
    bargained = bargain_plan(run.resolved, run.plan(plan_id), Table(seed=0))
    result, ids = bargained.negotiation.result, bargained.projects.village_ids
    app = open_page("plan", lang=language, run="made", plan=plan_id)
    choose(app, "plan_section", "parties")
    for project in sorted({0, int(result.agreed.argmax()), int(result.agreed.argmin())}):
        _village(app).set_value(ids[project]).run()
        assert not app.exception
        n_offers = int(result.n_concessions[project] + (result.offers[0, project] != NOBODY).sum())
        assert len(app.chat_message) == n_offers + 2
        end = dialogue(bargained.negotiation, project)[-1]
        for words in statement_words(bargained.negotiation, project, end):
            assert plain(words.text(language)) in shown(app)
        assert f"--village {ids[project]} " in app.code[0].value


def _village(app: AppTest) -> Selectbox:
    return next(item for item in app.selectbox if "bargain_village" in (item.key or ""))


def test_all_villages_bargain_when_asked_to(open_page, workspace, run: Run, plan_id: str) -> None:  # type: ignore[no-untyped-def]
    """Nothing before; then verdict and tables; what is agreed on opens as edits that make that plan."""
    app = open_page("plan", lang="en", run="made", plan=plan_id)
    choose(app, "plan_section", "parties")
    choose(app, "bargain_view", "all")
    assert not app.dataframe
    app.button(key="bargain_all").click().run()
    assert not app.exception
    bargained = bargain_plan(run.resolved, run.plan(plan_id), Table(seed=0))
    agreed, ids = bargained.negotiation.result.agreed, bargained.projects.village_ids
    assert agreed.any()
    assert text("bargain_verdict", "en", n=int(agreed.sum()), of=agreed.size) in shown(app)
    table = app.dataframe[-1].value
    assert table[text("column_village", "en")].tolist() == ids
    app.button(key="bargain_open").click().run()
    assert not app.exception
    record = workspace.read("edit", str(app.session_state["at_edit"]))
    edited = apply_edits(run.plan(plan_id), run.resolved.city, read_edits(record["edits"]))
    assert same_plans(edited, bargained.agreed_plan)
    assert text("edited_n", "en", n=len(record["edits"])) in app.title[0].value


def test_rounds_and_pools_are_shown_as_asked_for(open_page, run: Run, plan_id: str) -> None:  # type: ignore[no-untyped-def]
    """What each round costs the city and who gains; which pools agree; the command says the same."""
    app = open_page("plan", lang="zh", run="made", plan=plan_id)
    choose(app, "plan_section", "parties")
    choose(app, "bargain_view", "all")
    _number(app, "bargain_pool_size").set_value(2).run()
    _number(app, "bargain_most_rounds").set_value(5).run()
    app.button(key="bargain_all").click().run()
    assert not app.exception
    bargained = bargain_plan(run.resolved, run.plan(plan_id), Table(seed=0, pool_size=2, most_rounds=5))
    assert bargained.pooled is not None
    assert all(sentence in shown(app) for sentence in pool_sentences(bargained.pooled, "zh"))
    pooled = bargained.pooled
    pool = next(k for k in pooled.of_several if pooled.result.package[k] != NOBODY)
    end = pool_dialogue(bargained.negotiation, pooled.pools, pooled.result, pool)[-1]
    next(item for item in app.selectbox if "bargain_pool" in (item.key or "")).set_value(pool).run()
    assert not app.exception
    for words in pool_statement_words(bargained.negotiation, pooled.pools, pool, end):
        assert plain(words.text("zh")) in shown(app)
    table = rounds_table(bargained, "zh")
    assert table.title in shown(app)
    cells = {str(cell) for item in app.dataframe for row in item.value.itertuples() for cell in row}
    assert {cell for row in table.rows for cell in row[1:]} <= cells
    assert "--pool 2 --rounds 5" in app.code[0].value


def test_a_model_speaks_when_asked_to(open_page, run: Run, plan_id: str, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """No button without a name; what it says stands there, and that it failed, too."""
    app = open_page("plan", lang="en", run="made", plan=plan_id)
    choose(app, "plan_section", "parties")
    assert "bargain_speak" not in [button.key for button in app.button]
    with model_server(says("{}")) as server:
        for name, value in {"URL": server.url, "NAME": "small", "SECONDS": "1", "CACHE": str(tmp_path)}.items():
            monkeypatch.setenv(f"RENEWAL_MODEL_{name}", value)
        monkeypatch.setattr("app.language_model.conversation.time.sleep", lambda _: None)
        app.run()
        app.button(key="bargain_speak").click().run()
        assert not app.exception
        assert server.requests
        assert text("speech_heading", "en", model="small")[:12] in shown(app)


def _number(app: AppTest, name: str) -> NumberInput:
    return next(item for item in app.number_input if name in (item.key or ""))
