"""The village chosen on a map is told beside it, a column for each plan."""

from __future__ import annotations

from app.runs.run_folder import load_run
from data.catalogue import text
from room_fixtures import shown


def test_a_village_chosen_on_the_map_of_page_front_is_told_below_it(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.run_folder("first"))
    plan_id = next(name for name in run.plan_ids if run.plan(name).start_year.max() > 0)
    villages, start = run.resolved.city.villages, run.plan(plan_id).start_year[0]
    k = int(start.argmax())
    app = open_page("front", lang="en", run="first", plan=plan_id)
    assert not app.table
    app.session_state["kept_village"] = str(villages.village_id[k])
    app.run()
    assert not app.exception
    (card,) = [item.value for item in app.table if plan_id in item.value.columns]
    assert card.loc[text("column_start_year", "en"), plan_id] == str(int(start[k]))
    assert str(villages.name[k]) in shown(app)
