"""The bench of searches: runs that are kept, shares of the union, ends and bounds by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.choices.anchors import Anchors, anchor_digest
from envs.kernel import ResolvedScenario, resolve
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.bench import searches as benches
from optimizers.bench.reference_front import Contribution, ReferenceFront, read_reference, write_reference
from optimizers.bench.runs import BenchRun, BenchRuns, read_bench_runs

NAMES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")
ANCHORS = Anchors(NAMES, (0.0, 10.0, 0.5), (100.0, 9.0, 0.6), (0.0, 11.0, 0.5), 1, 1, "d")


@pytest.fixture(scope="module")
def tiny() -> ResolvedScenario:
    return resolve(load_scenario("tiny"), load_city("tiny"))


def run_of(digest: str, algorithm: str, seed: int, **changes: object) -> BenchRun:
    entry = {
        "digest": digest, "algorithm": algorithm, "seed": seed, "minutes": 1.0, "threads": 2, "machine": "a machine",
        "load": (0.5, 1.5), "best": ANCHORS.best, "worst": ANCHORS.worst, "evaluations": 300,
        "values": ((99.0, 10.0, 0.55), (50.0, 9.0, 0.58)), "curve": ((100.0, 1.0, 0.2), (300.0, 2.0, 0.4)),
    }  # fmt: skip
    return BenchRun(**(entry | changes))  # type: ignore[arg-type]


def test_runs_come_back_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    kept = read_bench_runs(path)
    for seed in (1, 2):
        kept.add(run_of("x", "random", seed))
    kept.add_bound("x", 102.0, 7.0)
    back = read_bench_runs(path)
    assert (back.runs, back.bounds) == (kept.runs, {"x": (102.0, 7.0)})
    assert back.find("x", algorithm="random", seed=2, minutes=1.0, threads=2) == kept.runs[1]
    assert back.find("x", algorithm="random", seed=2, minutes=0.5, threads=2) is None
    assert [file.name for file in tmp_path.iterdir()] == ["runs.json"]
    assert [back.runs[0].volume_at(done) for done in (99, 100, 250, 300)] == [0.0, 0.2, 0.2, 0.4]


def test_runs_that_cannot_be_kept_are_refused(tmp_path: Path) -> None:
    kept = read_bench_runs(tmp_path / "gone" / "runs.json")
    with pytest.raises(InputError, match=r"runs\.json: cannot be written"):
        kept.add(run_of("x", "random", 1))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"runs": [{}], "bounds": {}}', '{"runs": [], "bounds": []}'])
def test_a_file_without_runs_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "runs.json").write_text(content)
    with pytest.raises(InputError, match=r"runs\.json: does not hold what the bench"):
        read_bench_runs(tmp_path / "runs.json")


def test_a_run_that_is_kept_is_not_run_again(tiny: ResolvedScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = anchor_digest(tiny, NAMES)
    kept = BenchRuns(runs=[run_of(digest, "random", 1), run_of(digest, "random", 2, best=(99.0, 9.0, 0.6))])
    seeds: list[int] = []

    def search(_: object, request: SearchRequest, **__: object) -> None:
        seeds.append(request.seed)
        raise KeyboardInterrupt

    monkeypatch.setattr(benches, "search", search)
    request = SearchRequest(algorithm="random", budget=Budget(minutes=1.0), threads=2)
    assert benches.measure(tiny, request, ANCHORS, seeds=[1], kept=kept).runs == kept.runs[:1]
    with pytest.raises(KeyboardInterrupt):  # its hypervolumes rest on other anchors
        benches.measure(tiny, request, ANCHORS, seeds=[1, 2], kept=kept)
    assert seeds == [2]


def test_shares_ends_and_the_bound_by_hand(tiny: ResolvedScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends: 99 of 100, 9 km is the best known, 0.58 of 0.6 known, base 0.5: short by 1 %, 0 and 20 %."""
    digest = anchor_digest(tiny, NAMES)
    kept = BenchRuns(bounds={digest: (104.0, 60.0)})
    kept.runs += [run_of(digest, "hybrid", seed) for seed in (1, 2, 3)]
    kept.runs += [run_of(digest, "random", seed, curve=((200.0, 1.0, 0.1),)) for seed in (1, 2, 3)]
    union = ReferenceFront(
        digest, NAMES, (Contribution("hybrid", 1, 20.0, 1, 9, "m"),), ((99.0, 10.0, 0.55), (50.0, 9.0, 0.58))
    )
    monkeypatch.setattr(benches, "read_reference", lambda _: union)
    options = {"algorithms": ("hybrid", "random"), "seeds": (1, 2, 3), "kept": kept}
    rows = {row.what: row for row in benches.search_bench(tiny, ANCHORS, **options)}
    values = [row.value for row in rows.values()]
    assert values[2].startswith("100.0% (quartiles 100.0%..100.0%)")
    assert [values[k].split()[0] for k in (3, 4, 5)] == ["1.0%", "0.0%", "20.0%"]
    assert [row.holds for row in rows.values()][2:7] == [True, True, True, False, False]
    assert values[6].split()[0] == "4.8%"  # (104 - 99) / 104
    volume = union.hypervolume(ANCHORS)
    assert rows["hybrid, hypervolume at 300 evaluations / union"].value.startswith(f"{0.4 / volume:.1%}")
    assert rows["random, hypervolume at 300 evaluations / union"].value.startswith(f"{0.1 / volume:.1%}")


def test_a_union_keeps_what_no_part_dominates(tiny: ResolvedScenario, tmp_path: Path) -> None:
    first = ReferenceFront(anchor_digest(tiny, NAMES), NAMES).with_contribution(
        Contribution("random", 1, 1.0, 1, 9, "m"), np.array([[1.0, 10.0, 0.5], [2.0, 11.0, 0.5]])
    )
    union = first.with_contribution(
        Contribution("hybrid", 1, 1.0, 1, 9, "m"), np.array([[1.0, 9.0, 0.5], [0.5, 10.0, 0.5]])
    )
    assert union.values == ((2.0, 11.0, 0.5), (1.0, 9.0, 0.5))
    assert [part.algorithm for part in union.parts] == ["random", "hybrid"]
    write_reference(union, tmp_path)
    assert read_reference(tiny, tmp_path) == union
    assert read_reference(tiny, tmp_path / "nowhere").parts == ()
