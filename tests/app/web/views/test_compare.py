"""Comparing plans: what differs, what all choose, under whose scenario; the page shows it and a link leads back."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from app.cli.main import main
from app.files.names import without_formulas
from app.plans.recommendation import scenario_label
from app.plans.tables import plan_tables
from app.runs.run_folder import load_run
from app.web.documents.plan_comparison import (
    NOT_COMPARED,
    Difference,
    PlanRef,
    comparison_frame,
    indicator_rows,
    parse_refs,
    refs_text,
    renewing_plan_count,
    scenario_differences,
    shared_villages,
    start_differences,
    villages_by_renewing_plans,
)
from app.web.sections.comparison_sections import bound_label
from app.words.console import value_text
from data.catalogue import text
from data.errors import InputError
from data.scenario_files import load_scenario, scenario_from_mapping
from envs.kernel import evaluate
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import empty_plan
from room_fixtures import choose, shown

YEARS = np.array([[1, 0, 2, 3, 0, 1], [1, 0, 3, 1, 0, 0], [2, 0, 3, 0, 4, 0]])
"""Start years of three plans over six villages."""
SECTIONS = ("indicators", "bounds", "map", "years", "villages", "runs")


def test_plans_of_an_address() -> None:
    refs = parse_refs("first~p001,second~keep,first~p002~edit-1,first~p001")
    assert refs == (PlanRef("first", "p001"), PlanRef("second", "keep"), PlanRef("first", "p002", "edit-1"))
    assert parse_refs(refs_text(refs)) == refs
    assert parse_refs("") == ()


@pytest.mark.parametrize("address", ["first", "a~b~c~d", "../x~p001", "a~p/1", ",".join(f"r~p{k}" for k in range(6))])
def test_wrong_addresses_are_refused(address: str) -> None:
    with pytest.raises(InputError):
        parse_refs(address)


def test_only_what_differs_between_scenarios() -> None:
    first = load_scenario("tiny")
    content = first.model_dump(mode="json")
    content |= {"name": "other", "villages_per_year": 7, "rules": {"consent": "hard"}}
    content["facility_ratio"] = {"low": content["facility_ratio"]["low"], "high": 0.4}
    content["parameters"] = {"finance.discount_rate": 0.07}
    second = scenario_from_mapping(content)
    rows = {row.key: row.by_scenario for row in scenario_differences([first, second, first])}
    one = first.facility_ratio.high
    assert rows["villages_per_year"] == (first.villages_per_year, 7, first.villages_per_year)
    assert rows["facility_ratio.high"] == (one, 0.4, one)
    assert rows["rules.consent"] == ("reported", "hard", "reported")
    assert rows["finance.discount_rate"][1] == 0.07
    assert len(rows) == 4
    assert scenario_differences([first, first]) == []


def test_every_bound_has_a_name() -> None:
    for name, value in load_scenario("tiny").model_dump(mode="json").items():
        if name not in NOT_COMPARED and name != "preferences":
            by_part = isinstance(value, dict) and ("low" in value or name == "futures")
            keys = [f"{name}.{part}" for part in value] if by_part else [name]
            assert all(bound_label(Difference(key, False, ()), "zh") != key for key in keys)


def test_the_best_of_an_indicator() -> None:
    plans = [
        {"net_present_value_cny": 2e9, "mean_commute_km": 13.0, "renewed_villages": 4.0, "payback_year": math.nan},
        {"net_present_value_cny": 3e9, "mean_commute_km": 13.2, "renewed_villages": 5.0, "payback_year": 7.0},
        {"net_present_value_cny": 3e9, "mean_commute_km": 13.0 + 1e-7, "renewed_villages": 5.0, "payback_year": 9.0},
    ]
    best = {row.name: row.best for row in indicator_rows(plans)}
    assert best["net_present_value_cny"] == (1, 2)
    assert best["mean_commute_km"] == (0, 2)  # a hundred-millionth is no difference
    assert best["payback_year"] == (1,)
    assert INDICATORS["renewed_villages"].sense or best["renewed_villages"] == ()
    assert indicator_rows([plans[0], plans[0]]) == []
    assert len(indicator_rows([plans[0], plans[0]], differing=False)) == 4


def test_who_renews_what() -> None:
    assert renewing_plan_count(YEARS).tolist() == [3, 0, 3, 2, 1, 1]
    groups = {plans: mask.nonzero()[0].tolist() for plans, mask in villages_by_renewing_plans(YEARS)}
    assert groups == {(0, 1, 2): [0, 2], (0, 1): [3], (2,): [4], (0,): [5]}
    assert villages_by_renewing_plans(YEARS)[0][0] == (0, 1, 2)


def test_start_years_of_two() -> None:
    found = {name: mask.nonzero()[0].tolist() for name, mask in start_differences(YEARS[0], YEARS[1]).items()}
    assert found == {
        "only_first": [5],
        "only_second": [],
        "same_year": [0],
        "first_earlier": [2],
        "second_earlier": [3],
    }


def test_villages_in_common_are_those_of_the_plans(tiny_run) -> None:  # type: ignore[no-untyped-def]
    run = load_run(tiny_run)
    best = int(np.argmax((np.asarray(run.plans.start_year) > 0).sum(axis=1)))
    tables = [plan_tables(run.resolved, run.plan(run.plan_ids[k])) for k in (best, 0)]
    frame = shared_villages(tables)
    both = (np.asarray(run.plans.start_year)[[best, 0]] > 0).all(axis=0)
    assert frame["village_id"].tolist() == run.resolved.city.villages.village_id[both].tolist()
    assert frame["A: start_year"].tolist() == np.asarray(run.plans.start_year)[best][both].tolist()
    assert shared_villages([tables[0], plan_tables(run.resolved, empty_plan(run.resolved.city.n_villages))]).empty
    assert without_formulas(frame.assign(name="=1+1"))["name"].tolist() == ["'=1+1"] * len(frame)


@pytest.fixture
def second_run(workspace):  # type: ignore[no-untyped-def]
    """A run of the same question with another seed."""
    options = ["--city", "tiny", "--scenario", "tiny", "--evaluations", "200", "--seed", "8"]
    assert main(["optimize", *options, "--out", str(workspace.run_folder("second"))]) == 0
    return load_run(workspace.run_folder("second"))


@pytest.fixture
def other_scenario(workspace, tmp_path):  # type: ignore[no-untyped-def]
    """A run of the same city under a scenario with another discount rate, longer programme and more villages."""
    content = load_scenario("tiny").model_dump(mode="json")
    content |= {"name": "longer", "plan_years": 6, "parameters": {"finance.discount_rate": 0.08}}
    path = tmp_path / "longer.yaml"
    path.write_text(json.dumps(content), encoding="utf-8")
    options = ["--city", "tiny", "--scenario", str(path), "--evaluations", "200", "--seed", "1"]
    assert main(["optimize", *options, "--out", str(workspace.run_folder("longer"))]) == 0
    return load_run(workspace.run_folder("longer"))


def table(app, column: str):  # type: ignore[no-untyped-def]
    return next(item.value for item in app.dataframe if column in item.value.columns)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_section_opens(open_page, workspace, second_run, language: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page("compare", lang=language, compare="first~p001,second~p002,first~keep")
    for section in SECTIONS:
        choose(app, "compare_section", section)
        assert not app.exception
        assert not app.error
    for kind in ("who", "start"):
        choose(choose(app, "compare_section", "map"), "compare_map_kind", kind)
        assert not app.exception
        assert not app.error
    assert text("compare_says_same", language, scenario=scenario_label("tiny", language)) in shown(app)


def test_the_table_has_the_numbers_of_the_runs_and_marks_the_best(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.run_folder("first"))
    app = open_page("compare", lang="en", compare="first~p001,first~p002,first~keep")
    rows = table(app, "Better").set_index("Indicator")
    label = INDICATORS["net_present_value_cny"].label["en"]
    values = [*run.front["net_present_value_cny"].tolist()[:2], 0.0]
    heads = ["A · p001", "B · p002", "C · do nothing"]
    cells = rows.loc[label]
    assert cells["Better"] == "↑ more"
    for head, value in zip(heads, values, strict=True):
        said = re.search(r"(-?[\d,.]+) (bn |million |)CNY", cells[head])
        assert said is not None
        told = float(said[1].replace(",", "")) * {"bn ": 1e9, "million ": 1e6, "": 1.0}[said[2]]
        assert told == pytest.approx(value, rel=5e-4)
        assert cells[head].startswith("★") == (value == max(values))
    saved = comparison_frame([{"net_present_value_cny": value} for value in values])
    assert saved[["A", "B", "C"]].to_numpy().tolist() == [values]


def test_plans_come_and_go_and_the_link_keeps_them(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    workspace.write("shortlist", "first", {"plans": ["p003", "p001"]})
    app = open_page("compare", lang="en")
    app.button(key="compare_shortlist").click().run()
    app.selectbox(key=next(box.key for box in app.selectbox if box.label == "Plan")).select("keep").run()
    app.button(key="compare_add").click().run()
    assert app.query_params["compare"] == "first~p003,first~p001,first~keep"
    again = open_page("compare", lang="en", compare=app.query_params["compare"])
    assert "Better" in again.dataframe[0].value.columns
    again.button(key="compare_remove_first~p001").click().run()
    assert again.query_params["compare"] == "first~p003,first~keep"
    again.button(key="compare_clear").click().run()
    assert "compare" not in again.query_params


def test_each_under_its_own_scenario_or_all_under_one(open_page, workspace, other_scenario) -> None:  # type: ignore[no-untyped-def]
    first = load_run(workspace.run_folder("first"))
    best = int(np.argmin(first.front["net_present_value_cny"]))  # the best one renews nothing
    plan, head = first.plan_ids[best], f"A · {first.plan_ids[best]}"
    label = INDICATORS["net_present_value_cny"].label["en"]
    app = open_page("compare", lang="en", compare=f"first~{plan},longer~keep")
    assert "own scenario" in shown(app)
    own = float(first.front["net_present_value_cny"].iloc[best])
    assert value_text(own, "CNY", "en") in table(app, "Better").set_index("Indicator").loc[label][head]
    choose(app, "compare_section", "bounds")
    rows = table(app, "Parameter or bound")
    assert any("finance.discount_rate" in name for name in rows["Parameter or bound"])
    app = open_page("compare", lang="en", compare=f"first~{plan},longer~keep", under="longer")
    under = float(evaluate(other_scenario.resolved, first.plan(plan))["net_present_value_cny"][0])
    assert under != pytest.approx(own, rel=1e-3)
    assert value_text(under, "CNY", "en") in table(app, "Better").set_index("Indicator").loc[label][head]
    assert "under scenario longer of run longer" in shown(app)


def test_a_plan_that_a_scenario_has_no_years_for_is_refused(open_page, workspace, other_scenario) -> None:  # type: ignore[no-untyped-def]
    late = next(k for k, years in enumerate(np.asarray(other_scenario.plans.start_year)) if years.max() > 2)
    plan = other_scenario.plan_ids[late]
    app = open_page("compare", lang="en", compare=f"first~p001,longer~{plan}", under="first")
    assert "begins works in year" in app.error[0].value
    assert not app.exception


def test_whole_runs_are_measured_as_the_command_measures_them(open_page, workspace, second_run, tmp_path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "compared.json"
    assert (
        main(["compare", str(workspace.run_folder("first")), str(workspace.run_folder("second")), "--out", str(out)])
        == 0
    )
    record = json.loads(out.read_text(encoding="utf-8"))
    app = choose(open_page("compare", lang="en", compare="first~p001,second~p001"), "compare_section", "runs")
    rows = table(app, "hypervolume").set_index("run")
    for row in record["runs"]:
        assert rows.loc[row["run"]]["hypervolume"] == f"{row['hypervolume']:.4f}"
        assert rows.loc[row["run"]]["IGD+"] == f"{row['igd_plus']:.4f}"
    assert f"All knees renew {len(record['villages_all_knees_renew'])} villages" in shown(app)


def test_runs_of_other_scenarios_are_refused_in_words(open_page, workspace, other_scenario) -> None:  # type: ignore[no-untyped-def]
    app = choose(open_page("compare", lang="en", compare="first~p001,longer~p001"), "compare_section", "runs")
    assert "only runs of the same" in app.error[0].value


@pytest.mark.parametrize("address", ["first~p999,first~p001", "nowhere~p001", "../first~p001,first~p002", "first"])
def test_wrong_links_are_told(open_page, workspace, address: str) -> None:  # type: ignore[no-untyped-def]
    app = open_page("compare", lang="en", compare=address)
    assert not app.exception
    assert app.error


def test_hand_edits_are_compared(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    run = load_run(workspace.run_folder("first"))
    village = str(run.resolved.city.villages.village_id[0])
    year = 0 if int(run.plan("p001").start_year[0, 0]) else 1
    edits = {village: {"start_year": year, "intensity": "rehabilitate", "facility_ratio": 0.1}}
    workspace.write("edit", "edit-1", {"run": "first", "plan": "p001", "edits": edits})
    app = open_page("compare", lang="en", compare="first~p001,first~p001~edit-1")
    assert "B · p001*" in table(app, "Better").columns
    renewed = table(app, "Better").set_index("Indicator").loc[INDICATORS["renewed_villages"].label["en"]]
    change = 1 if year else -1
    assert f"({change:+,} villages)" in renewed["B · p001*"]
