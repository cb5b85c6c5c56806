"""The table of what bargaining brings as a folder: its columns, its rows, and what the command says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agreement_fixtures import counting, random_table, table_of
from app.bargaining.agreement_folder import agreements_text, likeliest_options, write_agreements
from app.cli.main import main
from data.dictionary import TABLES, table_columns
from data.files.cities import load_city
from data.scenario import Scenario
from envs.choices.options import option_space
from envs.kernel import ResolvedScenario, resolve


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    off = resolve(Scenario(plan_years=3, density_levels=2, facility_levels=1), load_city("tiny"))
    return counting(off).with_agreements(random_table(off, seed=1))


def test_every_column_is_in_the_dictionary(resolved: ResolvedScenario, tmp_path: Path) -> None:
    write_agreements(tmp_path / "out", resolved, city="tiny")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"options.parquet", "villages.csv", "about.json"}
    options, villages = pd.read_parquet(tmp_path / "out/options.parquet"), pd.read_csv(tmp_path / "out/villages.csv")
    about = json.loads((tmp_path / "out/about.json").read_text(encoding="utf-8"))
    assert set(about["dictionary"]) == set(TABLES["agreements"])
    for name, frame in (("options", options), ("villages", villages)):
        assert list(frame.columns) == list(table_columns("agreements", name))
        for column, meaning in table_columns("agreements", name).items():
            if meaning.choices:
                assert set(frame[column]) <= set(meaning.choices)
            elif meaning.low is not None and meaning.high is not None:
                assert frame[column].dropna().between(meaning.low, meaning.high).all(), column
    table = resolved.agreements
    assert table is not None
    assert len(options) == table.legal.sum()
    assert options["probability"].to_numpy() == pytest.approx(table.probability[table.legal])
    assert villages["n_options"].tolist() == [n for n in table.legal.sum(axis=1) if n]
    likely = options.assign(likely=options["probability"] >= 0.5).groupby("village_id", sort=False)["likely"].sum()
    assert villages["n_likely"].tolist() == likely.tolist()
    best = options.groupby("village_id", sort=False)["probability"].max()
    assert villages["probability"].tolist() == best.tolist()


def test_of_equally_likely_options_the_one_that_gains_most(resolved: ResolvedScenario) -> None:
    space = option_space(resolved.without_bargaining)
    table = table_of(space, probability=0.7)
    legal = np.flatnonzero(space.option_mask[0])
    table.gain_cny_per_m2[1, 0, legal[3]] = 5.0
    table.gain_cny_per_m2[:, 0, legal[4]] = 1.0
    assert likeliest_options(table)[0] == legal[3]
    table.probability[0, legal[2]] = 0.8
    assert likeliest_options(table)[0] == legal[2]


@pytest.mark.parametrize(("language", "said"), [("en", "Rehabilitate"), ("zh", "整治提升")])
def test_what_is_said(resolved: ResolvedScenario, language: str, said: str) -> None:
    told = agreements_text(resolved, None, language)
    assert said in told
    assert language == "en" or "options" not in told


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    scenario = tmp_path / "s.yaml"
    scenario.write_text("plan_years: 2\ndensity_levels: 1\nfacility_levels: 1\n")
    asked = ["scenario", "bargaining", "--city", "tiny", "--scenario", str(scenario), "--out", str(tmp_path / "out")]
    assert main(asked) == 0
    assert "likelier agreed on" in capsys.readouterr().out
    assert (tmp_path / "out" / "options.parquet").is_file()
    assert main(asked) == 2
    assert "not empty" in capsys.readouterr().err
