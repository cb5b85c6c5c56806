"""`renewal bargain`: files that hold what was bargained, columns of the dictionary, a plan like any other, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agents.stakeholders.dialogue import pool_dialogue
from agents.stakeholders.stands import stands_of_pool
from app.bargaining.bargain_frames import offers_frame, pools_frame, projects_frame
from app.bargaining.bargain_text import bargain_text
from app.bargaining.bargained_plan import BargainedPlan, Table, bargain_plan
from app.cli.main import main
from app.runs.plan_files import read_plan
from app.runs.run_folder import Run
from data.dictionary import TABLES, table_columns
from envs.choices.options import option_space
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import same_plans
from envs.people.bargaining.negotiation import negotiate
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.projects import Projects, projects_of

FILES = {"projects.csv", "offers.csv", "packages.parquet", "terms.csv", "rounds.csv", "bargained.csv", "about.json"}


@pytest.fixture(scope="module")
def plan_id(run: Run) -> str:
    """The plan of the largest present value: there is something to share out."""
    return str(run.front.loc[run.front["net_present_value_cny"].idxmax(), "plan_id"])


@pytest.fixture(scope="module")
def bargained(run: Run, plan_id: str) -> BargainedPlan:
    return bargain_plan(run.resolved, run.plan(plan_id), Table(seed=2, n_draws=20))


@pytest.fixture(scope="module")
def folder(run: Run, plan_id: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bargain") / "all"
    given = ["--run", str(run.folder), "--plan", plan_id, "--seed", "2", "--draws", "20", "--out", str(out)]
    assert main(["bargain", *given]) == 0
    return out


@pytest.fixture(scope="module")
def pooled(run: Run, plan_id: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bargain") / "pooled"
    given = ["--run", str(run.folder), "--plan", plan_id, "--pool", "3", "--seed", "2", "--draws", "20"]
    assert main(["bargain", *given, "--out", str(out)]) == 0
    return out


def _table(folder: Path, name: str) -> pd.DataFrame:
    if name == "packages":
        return pd.read_parquet(folder / "packages.parquet")
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values={"delay_yr": [""]})


def test_every_column_is_in_the_dictionary(folder: Path, pooled: Path) -> None:
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.name for path in pooled.iterdir()} == FILES | {"pools.csv", "pool_offers.csv"}
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert (about["seed"], about["n_draws"], about["command"]) == (2, 20, "bargain")
    assert set(about["dictionary"]) == set(TABLES["bargain"])
    for name in set(TABLES["bargain"]) - {"statements"}:  # those are tested in test_spoken.py
        frame, columns = _table(pooled, name), table_columns("bargain", name)
        indicators = [column for column in frame.columns if name == "rounds" and column in INDICATORS]
        assert list(frame.columns) == [*columns, *indicators]
        for column, entry in columns.items():
            if entry.type == "number":
                values = pd.to_numeric(frame[column]).dropna()
                assert values.between(*entry.bounds).all(), (name, column)
            if entry.choices:
                assert set(frame[column]) <= set(entry.choices), (name, column)


def test_the_files_hold_the_bargain(folder: Path, bargained: BargainedPlan) -> None:
    """Agreements, utilities that are the sum of their terms, and a dialogue that ends as the protocol does."""
    result, projects = bargained.negotiation.result, _table(folder, "projects")
    assert result.agreed.any()
    assert projects["agreed"].tolist() == result.agreed.tolist()
    assert projects["village_id"].tolist() == bargained.projects.village_ids
    assert (projects["blocker"] == "").tolist() == result.agreed.tolist()
    assert (projects["package"] == projects["largest_product_package"])[result.agreed].all()
    terms = _table(folder, "terms").pivot_table("agreed_cny_per_m2", "village_id", "party", aggfunc="sum")
    for party in PARTIES:
        told = projects[f"{party}_cny_per_m2"].to_numpy()
        assert terms.loc[projects["village_id"], party].to_numpy() == pytest.approx(told, rel=1e-9, abs=1e-6)
    last = _table(folder, "offers").groupby("village_id", sort=False).last()
    assert (last["act"] == "agree").tolist() == result.agreed.tolist()
    assert last["package"].tolist() == result.package.tolist()
    agreed = last[last["act"] == "agree"]
    assert agreed[[f"{party}_satisfied" for party in ("developer", "government")]].to_numpy().all()
    packages = _table(folder, "packages")
    acceptable = packages.groupby("village_id")["acceptable"].any()[projects["village_id"]]
    assert acceptable.tolist() == result.agreed.tolist()


def test_the_bargained_plan_is_a_plan(folder: Path, run: Run, bargained: BargainedPlan, tmp_path: Path) -> None:
    """It is read back as it was agreed on, and evaluated like any other."""
    clock = run.resolved.clock
    read = read_plan(
        folder / "bargained.csv", run.resolved.city, clock.plan_years, longest_delay_yr=clock.longest_delay_yr
    )
    for name, column in bargained.agreed_plan.given.items():
        assert read.given[name] == pytest.approx(column, nan_ok=True), name
    assert np.array_equal(read.start_year, bargained.agreed_plan.start_year)
    city = run.record.city.source
    given = ["--city", city, "--scenario", str(run.folder / "scenario.yaml"), "--plan", str(folder / "bargained.csv")]
    assert main(["evaluate", *given, "--out", str(tmp_path / "evaluated")]) == 0


def test_pools_agree_or_not_together(pooled: Path, folder: Path, bargained: BargainedPlan) -> None:
    """Villages of a pool share agreement, multiplier and delay; the agreed plan is theirs; projects stay as alone."""
    pools = _table(pooled, "pools")
    for _, pool in pools.groupby("pool"):
        assert 1 <= len(pool) <= 3
        assert len(set(pool["agreed"])) == 1
        assert len(set(pool["delay_yr"].fillna(-1.0))) == 1
    plan = pd.read_csv(pooled / "bargained.csv").set_index("village_id")["start_year"]
    assert (plan[pools["village_id"]].to_numpy() > 0).tolist() == pools["agreed"].tolist()
    assert _table(pooled, "projects").equals(_table(folder, "projects"))


def test_what_is_said_in_a_pool_is_its_bargain(run: Run, plan_id: str) -> None:
    """Terms add up to gains, each offer is in the protocol, and the end leaves everybody with a veto satisfied."""
    told = bargain_plan(run.resolved, run.plan(plan_id), Table(seed=2, n_draws=5, pool_size=3))
    pooled = told.pooled
    assert pooled is not None
    assert pooled.of_several
    for pool in pooled.of_several:
        stands = stands_of_pool(told.negotiation, pooled.pools, pool)
        said = pool_dialogue(told.negotiation, pooled.pools, pooled.result, pool)
        for statement in said:
            for stand, opinion in zip(stands.values(), statement.opinions, strict=True):
                assert sum(stand.term_at(statement.package).values()) == pytest.approx(opinion.utility, abs=1e-6)
        if pooled.result.agreed[pool]:
            veto = [pooled.pools.veto[pool, position] for position in stands]
            assert all(one.is_satisfied for one, has in zip(said[-1].opinions, veto, strict=True) if has)
            assert said[-1].round == pooled.result.n_concessions[pool]


@pytest.mark.parametrize("pool_size", [1, 3])
def test_a_village_without_any_package_is_told(run: Run, plan_id: str, pool_size: int) -> None:
    """Where no floor suffices nothing is offered, nobody is blamed, and the village is kept."""
    with pytest.MonkeyPatch.context() as patch:

        def without_first(*given: object, **more: object) -> Projects:
            projects = projects_of(*given, **more)  # type: ignore[arg-type]
            legal = projects.stakes.legal.copy()
            legal[0] = False
            return replace(projects, stakes=replace(projects.stakes, legal=legal))

        patch.setattr("app.bargaining.bargained_plan.projects_of", without_first)
        told = bargain_plan(run.resolved, run.plan(plan_id), Table(seed=2, n_draws=5, pool_size=pool_size))
    first = projects_frame(told).iloc[0]
    assert (first["agreed"], first["package"], first["blocker"], first["probability"]) == (False, -1, "", 0.0)
    assert told.agreed_plan.start_year[0, told.projects.village_idx[0]] == 0
    assert first["village_id"] not in set(offers_frame(told)["village_id"])
    assert "1 have no package" in bargain_text(told, Path("out"), "en", tells_all=True)
    if told.pooled is not None:
        pools = pools_frame(told, told.pooled)
        assert not pools.loc[
            pools["pool"] == pools.set_index("village_id")["pool"][first["village_id"]], "agreed"
        ].any()


def test_rounds_come_to_rest_at_the_prices_they_make(run: Run, plan_id: str, bargained: BargainedPlan) -> None:
    """The first round is bargaining once; the last changes nothing, and bargaining at its plan's prices neither."""
    settled = bargain_plan(run.resolved, run.plan(plan_id), Table(seed=2, n_draws=5, most_rounds=20))
    assert same_plans(settled.rounds[0].plan, bargained.agreed_plan)
    assert settled.is_settled
    assert [each.n_changed > 0 for each in settled.rounds[1:]] == [True] * (len(settled.rounds) - 2) + [False]
    options = option_space(run.resolved)
    again = projects_of(run.resolved, settled.plan, options, market_plan=settled.agreed_plan)
    result = negotiate(again, 2).result
    assert np.array_equal(result.agreed, settled.negotiation.result.agreed)
    assert np.array_equal(result.package, settled.negotiation.result.package)
    renewed = settled.agreed_plan.start_year[0, settled.projects.village_idx] > 0
    assert np.array_equal(renewed, result.agreed & ~settled.has_left)


def test_a_village_alone_bargains_as_it_does_among_all(
    run: Run, plan_id: str, bargained: BargainedPlan, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Same package and chances; the others stay as planned; its dialogue is told in both languages."""
    village = bargained.projects.village_ids[0]
    alone = bargain_plan(run.resolved, run.plan(plan_id), Table(seed=2, n_draws=20, village_id=village))
    assert alone.negotiation.result.package[0] == bargained.negotiation.result.package[0]
    assert np.array_equal(alone.prospects.agrees[0], bargained.prospects.agrees[0])
    others = np.arange(alone.plan.n_villages) != alone.projects.village_idx[0]
    assert np.array_equal(alone.agreed_plan.start_year[:, others], alone.plan.start_year[:, others])
    for language, words in (("en", "The plan: "), ("zh", "方案原样：")):
        out = tmp_path / language
        given = ["--run", str(run.folder), "--plan", plan_id, "--village", village, "--draws", "5", "--out", str(out)]
        assert main(["--lang", language, "bargain", *given]) == 0
        assert words in capsys.readouterr().out


def test_the_summary_counts_who_blocks(bargained: BargainedPlan) -> None:
    said = bargain_text(bargained, Path("out"), "en", tells_all=False)
    n, of = int(bargained.negotiation.result.agreed.sum()), len(bargained.projects.village_ids)
    assert f"{n} of {of} projects are agreed on." in said
    assert "letter E" in said
    assert said.count("\n  ") == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--village", "V99999"], "V99999"),
        (["--plan", "p999"], "p999"),
        (["--draws", "0"], "--draws"),
        (["--village", "V00001", "--pool", "2"], "--pool"),
    ],
)
def test_wrong_input_is_told(
    run: Run, plan_id: str, more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = ["--run", str(run.folder), "--out", str(out), *([] if "--plan" in more else ["--plan", plan_id]), *more]
    assert main(["bargain", *given]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_village_that_is_kept_has_nothing_to_bargain_over(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_id = next(plan_id for plan_id in run.plan_ids if (run.plan(plan_id).start_year == 0).any())
    kept = np.flatnonzero(run.plan(plan_id).start_year[0] == 0)
    village = str(run.resolved.city.villages.village_id[kept[0]])
    given = ["--run", str(run.folder), "--plan", plan_id, "--village", village, "--out", str(tmp_path / "out")]
    assert main(["bargain", *given]) == 2
    assert village in capsys.readouterr().err
