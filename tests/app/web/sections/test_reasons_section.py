"""Reasons on the page Plan: the numbers of the command, in both languages; nothing for a plan that keeps all."""

from __future__ import annotations

import shutil

import pytest

from app.files.names import plain
from app.reasons.attribution_tables import parts_table, shares_table, trust_table
from app.reasons.attribution_words import largest, trust_sentences, village_sentence
from app.reasons.explained import Explained
from app.runs.run_folder import Run
from envs.kernel.plans import canonical
from room_fixtures import choose, shown


@pytest.fixture
def explained(run: Run, workspace) -> Explained:  # type: ignore[no-untyped-def]
    """Of the run `made` in the room, the plan that renews most villages."""
    shutil.copytree(run.folder, workspace.folder / "made")
    plan_id = str(run.front["plan_id"].iloc[int(run.front["renewed_villages"].argmax())])
    return Explained(run.resolved, canonical(run.plan(plan_id)), plan_id)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_section_shows_shares_sums_and_trust(open_page, explained: Explained, language: str) -> None:  # type: ignore[no-untyped-def]
    name = explained.objectives[0]
    app = open_page("plan", lang=language, run="made", plan=explained.plan_id)
    choose(app, "plan_section", "reasons")
    assert not app.exception
    assert [tuple(row) for row in app.dataframe[0].value.to_numpy()] == list(
        shares_table(explained, name, language).rows
    )
    for village in largest(explained, name):
        assert plain(village_sentence(explained, name, village, language)) in shown(app)
    choose(app, "reasons_view", "parts")
    for division in ("district", "choice"):
        choose(app, "reasons_division", division)
        wanted = parts_table(explained, name, division, language)
        assert [tuple(row) for row in app.dataframe[0].value.to_numpy()] == list(wanted.rows)
    choose(app, "reasons_view", "trust")
    assert [tuple(row) for row in app.dataframe[0].value.to_numpy()] == list(trust_table(explained, language).rows)
    for sentence in trust_sentences(explained, language):
        assert plain(sentence) in shown(app)
    assert not app.exception
