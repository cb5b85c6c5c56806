"""What if not in the room: every view in both languages, a change taken over as an edit, why a village is out."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.runs.run_folder import load_run
from app.web.documents.workspace import Workspace
from app.web.shell import cached_whatif
from room_fixtures import choose, shown


@pytest.fixture(autouse=True)
def _quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached_whatif, "WHY_SECONDS", 0.2)


def at_section(open_page, view: str, language: str = "en", plan: str = "p001") -> AppTest:
    app = open_page("plan", run="first", plan=plan, lang=language)
    app = choose(app, "plan_section", "whatif")
    return app if view == "village" else choose(app, "whatif_view", view)


def edit_of(app: AppTest) -> str:
    """Name of the edit in the address."""
    value = app.query_params["edit"]
    return value if isinstance(value, str) else value[0]


@pytest.mark.parametrize(("language", "said"), [("en", "Judged by"), ("zh", "评判")])
@pytest.mark.parametrize("view", ["village", "ranked", "meet"])
def test_every_view_opens_in_both_languages(open_page, view: str, language: str, said: str) -> None:
    app = at_section(open_page, view, language)
    assert not app.exception
    assert said in shown(app)
    if view == "ranked":
        app = next(button for button in app.button if button.key == "whatif_rank").click().run()
        assert not app.exception
        assert app.dataframe


def test_a_change_is_taken_over_as_an_edit(open_page, workspace: Workspace) -> None:
    app = at_section(open_page, "village")
    button = next(item for item in app.button if (item.key or "").startswith("whatif_open_"))
    app = button.click().run()
    assert not app.exception
    record = workspace.read("edit", edit_of(app))
    assert record is not None
    assert record["run"] == "first"
    village = button.key.removeprefix("whatif_open_")
    assert village in record["edits"]


def test_why_not_is_answered_in_the_readers_language(open_page, workspace: Workspace) -> None:
    run = load_run(workspace.run_folder("first"))
    position = next(k for k in range(len(run.plan_ids)) if (run.plans.start_year[k] == 0).any())
    kept = str(run.resolved.city.villages.village_id[(run.plans.start_year[position] == 0).argmax()])
    app = at_section(open_page, "village", "zh", run.plan_ids[position])
    chooser = next(item for item in app.selectbox if "whatif_village" in (item.key or ""))
    app = chooser.set_value(kept).run()
    app = next(button for button in app.button if button.key == "whynot_in").click().run()
    assert not app.exception
    said = shown(app)
    assert "现值" in said
    assert "Searching" not in said
