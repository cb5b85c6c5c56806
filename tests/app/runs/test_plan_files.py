"""PLAN.csv: what is read, and how everything else is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli.main import main
from app.plans.tables import plan_rows
from app.runs.plan_files import LARGEST_BYTES, PLAN_COLUMNS, read_plan
from app.runs.run_folder import plans_frame, read_plans
from data.city import City
from data.errors import InputError
from data.files.cities import load_city
from data.scenario import INTENSITIES, LAND_USES
from data.scenario_files import load_scenario
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.plans import OPTIONAL_COLUMNS, canonical, concatenate, same_plans

HEADER = ",".join(PLAN_COLUMNS)
MORE = ",".join([*PLAN_COLUMNS, *OPTIONAL_COLUMNS])
GOOD = "V00001,1,rebuild,mixed_use,1.8,0.1"


@pytest.fixture(scope="module")
def city(city_path: Path) -> City:
    return load_city(city_path)


@pytest.fixture(scope="module")
def resolved(city: City) -> ResolvedScenario:
    return resolve(load_scenario("balanced"), city)


def test_villages_not_listed_are_kept(city: City, plan_path: Path) -> None:
    plan = read_plan(plan_path, city, 10)
    assert plan.start_year[0, :4].tolist() == [1, 3, 2, 0]
    assert plan.intensity[0, :3].tolist() == [2, 1, 0]
    assert plan.floor_area_ratio[0, :3].tolist() == [1.8, 1.5, 0.0]
    assert plan.land_use[0, 2] == LAND_USES.index("public_service")
    assert not plan.start_year[0, 3:].any()


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADER}\r\n{GOOD}\r\n",
        f"{HEADER}\n\n{GOOD}\n,,,,,\n\n",
        f"{HEADER},name,district\n{GOOD},A village,North\n",
        HEADER + '\n"V00001"," 1 ",rebuild,mixed_use,1.80,1e-1',
        f"{HEADER}\n'{GOOD}\n",
        f"{HEADER}\n{GOOD}\nV00002,0,,,,\n",
    ],
)
def test_harmless_variations(text: str, city: City, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(text.encode())
    plan = read_plan(path, city, 10)
    assert (plan.start_year[0, 0], plan.start_year.sum(), plan.facility_ratio[0, 0]) == (1, 1, 0.1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["empty"]),
        ("\n\n", ["empty"]),
        ("village_id,start_year\n", ["header", "intensity", "missing"]),
        (f"{HEADER},land_us\n", ["header", "land_us", "land_use"]),
        (f"{HEADER},start_year\n", ["header", "start_year", "twice"]),
        (f"{HEADER}\nV00001,1,rebuild,mixed_use,1.8\n", ["line 2", "5 cells"]),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n", ["line 3", "V00001", "village_id", "line 2"]),
        (f"{HEADER}\nW00001,1,rebuild,mixed_use,1.8,0.1\n", ["line 2", "village_id", "V00001"]),
        (f"{HEADER}\n,1,rebuild,mixed_use,1.8,0.1\n", ["line 2", "village_id"]),
        (f"{HEADER}\nV00001,11,rebuild,mixed_use,1.8,0.1\n", ["line 2", "V00001", "start_year", "0..10", "11"]),
        (f"{HEADER}\nV00001,-1,rebuild,mixed_use,1.8,0.1\n", ["start_year"]),
        (f"{HEADER}\nV00001,1.5,rebuild,mixed_use,1.8,0.1\n", ["start_year", "whole"]),
        (f"{HEADER}\nV00001,,rebuild,mixed_use,1.8,0.1\n", ["start_year"]),
        (f"{HEADER}\nV00001,1_0,rebuild,mixed_use,1.8,0.1\n", ["start_year", "1_0"]),
        (f"{HEADER}\nV00001,１,rebuild,mixed_use,1.8,0.1\n", ["start_year"]),
        (f"{HEADER}\nV00001,1,rebild,mixed_use,1.8,0.1\n", ["intensity", "rehabilitate, mixed, rebuild", "rebild"]),
        (f"{HEADER}\nV00001,1,,mixed_use,1.8,0.1\n", ["intensity"]),
        (f"{HEADER}\nV00001,1,rebuild,housing,1.8,0.1\n", ["land_use", "housing"]),
        (f"{HEADER}\nV00001,1,rebuild,,1.8,0.1\n", ["land_use"]),
        (f"{HEADER}\nV00001,1,rebuild,mixed_use,,0.1\n", ["floor_area_ratio"]),
        (f"{HEADER}\nV00001,1,rebuild,mixed_use,nan,0.1\n", ["floor_area_ratio", "nan"]),
        (f"{HEADER}\nV00001,1,rebuild,mixed_use,inf,0.1\n", ["floor_area_ratio"]),
        (f"{HEADER}\nV00001,1,rebuild,mixed_use,-1,0.1\n", ["floor_area_ratio"]),
        (f"{HEADER}\nV00001,1,rebuild,mixed_use,1.8,1.1\n", ["facility_ratio", "0..1"]),
        (f"{HEADER}\nV00001,1,rebuild,mixed_use,1.8,\n", ["facility_ratio"]),
        (f"{MORE}\n{GOOD},0,,\n", ["line 2", "V00001", "compensation_multiplier", "above 0", "blank"]),
        (f"{MORE}\n{GOOD},-1,,\n", ["compensation_multiplier", "0..100", "-1"]),
        (f"{MORE}\n{GOOD},,1.2,\n", ["onsite_share", "0..1", "1.2"]),
        (f"{MORE}\n{GOOD},,,x\n", ["delay_yr", "'x'"]),
        (f"{MORE}\n{GOOD},,,9.5\n", ["delay_yr", "0..9", "9.5"]),
        (f"{MORE},delay\n", ["header", "delay", "delay_yr"]),
        (f'{HEADER}\n"V00001,1\n', ["CSV"]),
        (f"{HEADER}\n{GOOD}\0\n", ["NUL"]),
    ],
)
def test_each_fault_is_named(text: str, words: list[str], city: City, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(text.encode())
    with pytest.raises(InputError) as caught:
        read_plan(path, city, 10, longest_delay_yr=9.0)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert all(word in message for word in words), message


@pytest.mark.parametrize("content", [HEADER.encode("utf-16"), f"{HEADER}\n{GOOD}\n".encode() + b"\xff"])
def test_other_encodings_are_refused(content: bytes, city: City, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match="UTF-8"):
        read_plan(path, city, 10)


def test_absent_folder_and_huge_files_are_refused(city: City, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(tmp_path / "absent.csv", city, 10)
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(tmp_path, city, 10)
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(LARGEST_BYTES + 1)
    with pytest.raises(InputError, match="20,000,000"):
        read_plan(path, city, 10)


@st.composite
def plans(draw: st.DrawFn, n_villages: int = 12) -> Plans:
    def column(elements: st.SearchStrategy[float]) -> np.ndarray:
        return np.array([draw(st.lists(elements, min_size=n_villages, max_size=n_villages))])

    ratio = st.floats(0.0, 1.0, allow_nan=False)
    more = {"compensation_multiplier": st.floats(0.1, 9.0), "onsite_share": ratio, "delay_yr": st.floats(0.0, 9.0)}
    chosen = draw(st.sets(st.sampled_from(OPTIONAL_COLUMNS)))
    given_columns = {name: column(st.one_of(st.just(np.nan), more[name])) for name in sorted(chosen)}
    whole = [column(st.integers(0, n)) for n in (10, len(INTENSITIES) - 1, len(LAND_USES) - 1)]
    return canonical(Plans(*whole, column(ratio), column(ratio), **given_columns))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans())
def test_what_is_written_is_read_back(plan: Plans, city: City, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    plan_rows(plan, city.villages.village_id).to_csv(path, index=False)
    assert same_plans(read_plan(path, city, 10), plan)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(plans(), min_size=1, max_size=3))
def test_a_batch_is_read_back_from_parquet(batch: list[Plans], city: City, tmp_path: Path) -> None:
    path, ids, together = tmp_path / "plans.parquet", [f"p{k + 1:03d}" for k in range(len(batch))], concatenate(batch)
    plans_frame(together, ids, city).to_parquet(path, index=False)
    again_ids, again = read_plans(path, city)
    assert again_ids == tuple(ids)
    assert same_plans(again, together)


def test_a_plan_without_columns_is_written_as_before_there_were_any(city: City, tmp_path: Path) -> None:
    whole, ratio = np.ones((1, 12), dtype=np.int64), np.full((1, 12), 0.5)
    plain = Plans(whole, whole, whole, ratio, ratio)
    nothing = canonical(Plans(*plain.columns, delay_yr=np.full((1, 12), np.nan)))
    for name, plan in (("plain", plain), ("nothing", nothing)):
        plan_rows(plan, city.villages.village_id).to_csv(tmp_path / f"{name}.csv", index=False)
        plans_frame(plan, ["p001"], city).to_parquet(tmp_path / f"{name}.parquet", index=False)
    for suffix in ("csv", "parquet"):
        assert (tmp_path / f"plain.{suffix}").read_bytes() == (tmp_path / f"nothing.{suffix}").read_bytes()
    assert (tmp_path / "plain.csv").read_text().splitlines()[0] == HEADER


@pytest.mark.parametrize(
    ("name", "value"), [("onsite_share", 1.5), ("delay_yr", -1.0), ("compensation_multiplier", 0.0)]
)
def test_impossible_columns_of_a_run_are_refused(name: str, value: float, city: City, tmp_path: Path) -> None:
    whole, ratio = np.ones((1, 12), dtype=np.int64), np.full((1, 12), 0.5)
    path = tmp_path / "plans.parquet"
    plan = Plans(whole, whole, whole, ratio, ratio, **{name: np.full((1, 12), value)})
    plans_frame(plan, ["p001"], city).to_parquet(path, index=False)
    with pytest.raises(InputError, match=name):
        read_plans(path, city)


CELLS = st.one_of(
    st.sampled_from(["V00001", "V00002", "1", "0", "rebuild", "mixed", "mixed_use", "0.1", "", "nan", "1e999", "-0"]),
    st.text(max_size=8),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=7).map(",".join), max_size=4), junk=st.binary(max_size=20))
def test_any_plan_file_is_read_or_refused(
    rows: list[str], junk: bytes, resolved: ResolvedScenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "plan.csv", tmp_path / "out"
    path.write_bytes("\n".join([HEADER, *rows]).encode("utf-8", "surrogatepass") + junk)
    try:
        read_plan(path, resolved.city, 10)
    except InputError:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.runs.loading.load_resolved", lambda *_: resolved)  # once for all examples
            asked = ["evaluate", "--city", "small.gpkg", "--scenario", "balanced", "--plan", str(path)]
            assert main([*asked, "--out", str(out)]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("error: ")
        assert "Traceback" not in shown.err
        assert [item.name for item in tmp_path.iterdir()] == ["plan.csv"]
