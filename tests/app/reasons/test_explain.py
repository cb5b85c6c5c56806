"""`renewal explain`: tables that add up, columns of the dictionary, sentences with their numbers, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.reasons.attribution_frames import attribution_frame, sums_by
from app.reasons.attribution_map import attribution_map
from app.reasons.attribution_tables import DIVISIONS, part_steps, parts_table, shares_table, village_steps
from app.reasons.attribution_words import (
    amount,
    largest,
    not_shared_sentences,
    shapley_sentences,
    terms_text,
    village_sentence,
)
from app.reasons.explain_folder import CHAPTERS, chapters_of
from app.reasons.explained import Explained
from app.runs.run_folder import Run
from data.dictionary import table_columns
from data.errors import InputError
from envs.kernel import Plans, evaluate, resolve
from envs.kernel.plans import canonical
from envs.reasons.by_choice import CHOICES
from envs.reasons.shapley import MOST_VILLAGES

ATTRIBUTION = tuple(CHAPTERS["attribution"].tables)


@pytest.fixture(scope="module")
def plan_id(run: Run) -> str:
    return str(run.front["plan_id"].iloc[int(run.front["renewed_villages"].argmax())])


@pytest.fixture(scope="module")
def explained(run: Run, plan_id: str) -> Explained:
    return Explained(run.resolved, canonical(run.plan(plan_id)), plan_id)


@pytest.fixture(scope="module")
def folder(run: Run, plan_id: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explain") / "all"
    given = ["--run", str(run.folder), "--plan", plan_id, "--out", str(out), "--chapters", "attribution"]
    assert main(["explain", *given]) == 0
    return out


def _table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(
        folder / f"{name}.csv", keep_default_na=False, na_values={"foretold_loss": [""], "shapley": [""]}
    )


def test_every_column_is_in_the_dictionary(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {*(f"{name}.csv" for name in ATTRIBUTION), "about.json"}
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert (about["command"], about["chapters"]) == ("explain", ["attribution"])
    for name in ATTRIBUTION:
        frame, columns = _table(folder, name), table_columns("explain", name)
        assert list(frame.columns) == list(columns)
        for column, entry in columns.items():
            if entry.type == "number":
                values = pd.to_numeric(frame[column]).dropna()
                assert values.between(*entry.bounds).all(), (name, column)
            if entry.choices:
                assert set(frame[column]) <= set(entry.choices), (name, column)


def test_the_tables_add_up_to_what_the_plan_changes(run: Run, plan_id: str, folder: Path) -> None:
    values = evaluate(run.resolved, run.plan(plan_id))
    outcomes = _table(folder, "outcomes").set_index("outcome")
    size = outcomes["sum_of_sizes"]
    for name, row in outcomes.iterrows():
        assert row["after"] == pytest.approx(float(values[str(name)][0]), rel=1e-12)
        assert abs(row["residue"]) <= 1e-10 * size[name]
    for table in ("attribution", "quantities", "choices"):
        found = _table(folder, table).groupby("outcome")["share"].sum()
        assert (found - outcomes["change"][found.index]).abs().max() <= (1e-9 * size[found.index]).max()
    sums = _table(folder, "sums").groupby(["outcome", "by"])["share"].sum()
    for (name, _), share in sums.items():
        assert share == pytest.approx(outcomes["change"][name], abs=1e-9 * size[name])


def test_a_small_plan_has_shapleys_values_beside_its_shares(run: Run, folder: Path) -> None:
    villages = run.resolved.city.villages.village_id
    plan = canonical(run.plan(run.plan_ids[0]))
    keep = np.flatnonzero(plan.start_year[0] > 0)[:3]
    start = np.where(np.isin(np.arange(len(villages)), keep), plan.start_year, 0)
    small = Explained(run.resolved, canonical(Plans(start, *plan.columns[1:])), "small")
    frame = attribution_frame(small)
    for name in small.objectives:
        rows = frame[frame["outcome"] == name]
        change = small.shares[name].after - small.shares[name].before
        assert rows["shapley"].sum() == pytest.approx(change, rel=1e-6)
    said = shapley_sentences(small, "en")
    assert len(said) == len(small.objectives)
    assert all("8 subsets" in sentence for sentence in said)
    assert _table(folder, "attribution")["shapley"].isna().all() == (len(_renewed_ids(folder)) > MOST_VILLAGES)


def _renewed_ids(folder: Path) -> set[str]:
    return set(_table(folder, "attribution")["village_id"])


def test_removals_say_what_was_lost(folder: Path) -> None:
    removals = _table(folder, "removals")
    single = removals[removals["removed"] == "single"]
    assert (single["n_villages"] == 1).all()
    assert (single["loss"] - single["foretold_by_loss"]).abs().sum() < 0.1 * single["loss"].abs().sum()
    shares = _table(folder, "attribution").set_index(["outcome", "village_id"])["share"]
    for _, row in removals.iterrows():
        told = sum(shares[row["outcome"], village] for village in row["village_ids"].split())
        assert row["foretold_by_share"] == pytest.approx(told, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentences_tables_and_map_have_the_numbers(explained: Explained, language: str) -> None:
    ids = explained.resolved.city.villages.village_id
    for name in explained.objectives:
        first = largest(explained, name, 1)[0]
        share = amount(name, float(explained.shares[name].by_village[first]), language)
        sentence = village_sentence(explained, name, first, language)
        assert str(ids[first]) in sentence
        assert share in sentence
        assert terms_text(explained, name, first, language) in sentence
        table = shares_table(explained, name, language)
        assert (table.rows[0][0], table.rows[0][3]) == (str(ids[first]), share)
        shown = attribution_map(explained, name, language)
        covered = np.sum([item.mask for item in shown.classes], axis=0)
        assert (covered == 1).all()
        assert share in shown.lines[first]


def test_steps_lead_from_no_renewal_to_the_plan(explained: Explained) -> None:
    for name in explained.outcomes:
        shares = explained.shares[name]
        size = float(np.abs(shares.by_village).sum())
        steps = village_steps(explained, name, "en")
        assert sum(step.share for step in steps) == pytest.approx(shares.after - shares.before, abs=1e-9 * size)
        for division in DIVISIONS:
            steps = part_steps(explained, name, division, "en")
            if division == "choice" and name not in explained.choices:
                assert steps == []
                continue
            assert sum(step.share for step in steps) == pytest.approx(shares.after - shares.before, abs=1e-9 * size)
            assert len(parts_table(explained, name, division, "zh").rows) == len(steps)
    assert len(part_steps(explained, explained.objectives[0], "choice", "en")) == len(CHOICES)
    by_district = sums_by(explained, explained.shares[explained.objectives[0]], "district")
    assert sum(n for _, n, _ in by_district) == int((explained.plan.start_year > 0).sum())


def test_both_languages_are_printed(run: Run, plan_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language, word in (("en", "fidelity"), ("zh", "保真度")):
        out = tmp_path / language
        given = ["--run", str(run.folder), "--plan", plan_id, "--out", str(out), "--chapters", "attribution"]
        assert main(["--lang", language, "explain", *given]) == 0
        said = capsys.readouterr().out
        assert word in said
        assert "reasons_" not in said
    assert "villages" not in said


def test_wrong_input_is_refused_and_nothing_is_written(
    run: Run, plan_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = ["--run", str(run.folder), "--plan", plan_id, "--out", str(out)]
    assert main(["explain", *given, "--chapters", "attribution,nothing"]) == 2
    assert "'nothing'" in capsys.readouterr().err
    assert main(["explain", *given[:2], "--plan", "p999", "--out", str(out)]) == 2
    assert "p999" in capsys.readouterr().err
    kept = run.front.loc[run.front["renewed_villages"] == 0, "plan_id"]
    if len(kept):
        assert main(["explain", *given[:2], "--plan", str(kept.iloc[0]), "--out", str(out)]) == 2
        assert "keeps every village" in capsys.readouterr().err
    assert not out.exists()
    with pytest.raises(InputError):
        chapters_of("")
    assert chapters_of(None) == tuple(CHAPTERS)


def test_an_objective_that_is_a_ratio_of_nothing_is_said_to_have_no_shares(run: Run, plan_id: str) -> None:
    scenario = run.resolved.scenario.model_copy(update={"objectives": ("net_present_value_cny", "losers_share")})
    explained = Explained(resolve(scenario, run.resolved.city), canonical(run.plan(plan_id)), plan_id)
    assert explained.objectives == ("net_present_value_cny",)
    (sentence,) = not_shared_sentences(explained, "en")
    assert sentence.startswith("No shares for")
