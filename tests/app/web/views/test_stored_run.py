"""The room opens a run of an older model read-only and says whose numbers it shows."""

from __future__ import annotations

import json

import pytest

from app.runs.stored_run import read_stored_run
from app.web.documents.workspace import Workspace
from data.catalogue import text
from room_fixtures import shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_front_and_plan_show_what_was_stored(open_page, workspace: Workspace, language: str) -> None:  # type: ignore[no-untyped-def]
    path = workspace.run_folder("first") / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    del record["model_version"]
    path.write_text(json.dumps(record), encoding="utf-8")
    stored = read_stored_run(workspace.run_folder("first"))
    for page in ("front", "plan"):
        app = open_page(page, lang=language, run="first", plan=stored.plan_ids[0])
        assert not app.exception
        assert not app.error
        assert stored.note(language) in shown(app)
    assert text("edit_help", language) not in shown(app)
