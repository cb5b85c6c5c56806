"""The room shows the front of a model of the user's own; other pages say in a sentence why they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.runs.own_model.model_file import load_model
from app.runs.own_model.optimize_model import optimize_model_into
from app.web.documents.workspace import Workspace
from data.catalogue import text
from model_fixtures import bureau_model
from optimizers.algorithms.request import Budget, SearchRequest
from room_fixtures import shown

INCOME = {"en": "income", "zh": "净收益"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_front_shows_it_and_the_plan_page_refuses(  # type: ignore[no-untyped-def]
    open_page, workspace: Workspace, tmp_path: Path, language: str
) -> None:
    request = SearchRequest(seed=1, budget=Budget(60))
    optimize_model_into(workspace.run_folder("own"), load_model(bureau_model(tmp_path)), request, language="en")
    app = open_page("front", lang=language, run="own")
    assert not app.exception
    assert not app.error
    assert INCOME[language] in shown(app)
    assert text("mark_best", language, name=INCOME[language]) in str([box.options for box in app.selectbox])
    schedule = next(frame.value for frame in app.dataframe if text("column_option", language) in frame.value)
    assert len(schedule)
    for page in ("plan", "assumptions"):
        refused = open_page(page, lang=language, run="own", plan="p001")
        assert not refused.exception
        assert any("BureauModel" in error.value for error in refused.error), page
