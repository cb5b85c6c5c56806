"""What no plan can meet is told on pages Scenario and Search, in the form's own words, and nothing can be started."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.web.documents.scenario_draft import draft_of
from app.web.documents.workspace import Workspace
from room_fixtures import shown

Open = Callable[..., AppTest]


WORDS = {"zh": ("年度投资上限", "亿元", "共 1 个村"), "en": ("bn CNY", "villages")}


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_it_is_told_before_it_starts(open_page: Open, workspace: Workspace, language: str) -> None:
    words = WORDS[language]
    content = draft_of("tiny") | {"locked": ["V1"], "capital_limit_annual_cny": 1000.0}
    workspace.write("draft", "draft-1", {"city": "tiny", "preset": "", "content": content})
    app = open_page("search", lang=language, draft="draft-1")
    assert not app.exception
    told = "\n".join(error.value for error in app.error)
    assert all(word in told for word in words), told
    assert "capital_limit_annual_cny" not in told
    assert "V1" in told
    assert app.button(key="policy_start").disabled
    app = open_page("scenario", lang=language, draft="draft-1")
    assert words[0] in shown(app)


def test_what_can_be_met_may_start(open_page: Open, workspace: Workspace) -> None:
    content = draft_of("tiny") | {"locked": ["V1"]}
    workspace.write("draft", "draft-1", {"city": "tiny", "preset": "", "content": content})
    app = open_page("search", lang="en", draft="draft-1")
    assert not app.error
    assert not app.button(key="policy_start").disabled
