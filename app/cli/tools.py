"""`renewal doctor` and `renewal bench`: is the installation sound, and how fast is it?"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from data.errors import refusal

VERDICT = {True: "ok", False: "MISSED", None: ""}


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    renewal.command("doctor")(doctor)
    renewal.command("bench")(run_bench)


def doctor() -> None:
    """Versions, device, threads and a self-check; exit 1 if the self-check fails."""
    from app.cli.doctor import doctor_text, self_check

    results = self_check()
    print(doctor_text(results))
    if not all(result.holds for result in results):
        raise typer.Exit(1)


def run_bench(
    city: Annotated[str, typer.Option(metavar="CITY", help="City of the searches.")] = "beijing",
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="Scenario of the searches.")] = "balanced",
    minutes: Annotated[float, typer.Option(help="Time of each search.")] = 1.0,
    threads: Annotated[int, typer.Option(min=1, help="Worker threads.")] = 2,
    search: Annotated[bool, typer.Option("--search", help="Compare the search methods over several seeds.")] = False,
    algorithms: Annotated[str, typer.Option(metavar="A,B", help="Methods of --search; by default all.")] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of --search.")] = 5,
    extend_minutes: Annotated[
        float | None, typer.Option(help="Instead, run each method this long and add its front to the stored union.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="F.json", help="Of --search and --policy: keep each search here, and run none that is in it."
        ),
    ] = None,
    env: Annotated[bool, typer.Option("--env", help="Measure the environment's speed instead.")] = False,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Compare this policy with the searches ('shipped' = the default)."),
    ] = None,
    room: Annotated[bool, typer.Option("--app", help="Measure the decision room instead.")] = False,
) -> None:
    """Print the benchmark table: speed, error and quality, with ratios measured in this one run."""
    if env:
        _print_environment_rates(threads)
        return
    if room:
        _print_room_rows(city, scenario)
        return
    for value, name in ((minutes, "--minutes"), (extend_minutes, "--extend-minutes")):
        if value is not None and not (math.isfinite(value) and value > 0.0):
            raise refusal(f"must be a number above 0, found {value:g}", layer=name)
    if policy is not None:
        _print_policy(policy, list(range(1, seeds + 1)), minutes, threads, keep)
        return
    if search or extend_minutes is not None:
        names = [name.strip() for name in algorithms.split(",") if name.strip()]
        _print_searches(city, scenario, names, list(range(1, seeds + 1)), minutes, threads, extend_minutes, keep)
        return
    from app.runs.loading import load_checked_scenario
    from data.files.cities import load_city
    from optimizers.bench.table import bench

    for row in bench(load_city(city), load_checked_scenario(scenario), minutes=minutes, threads=threads):
        print(" | ".join((row.what, row.value, row.gate, VERDICT[row.holds])), flush=True)


def _print_policy(folder: Path, seeds: list[int], minutes: float, threads: int, keep: Path | None) -> None:
    from agents.policy.files import SHIPPED, read_policy
    from app.runs.anchor_store import cache_folder
    from app.studies.policy_bench import policy_bench
    from optimizers.bench.runs import BenchRuns, read_bench_runs

    stored = read_policy(SHIPPED if str(folder) == "shipped" else folder)
    kept = BenchRuns() if keep is None else read_bench_runs(keep)
    rows = policy_bench(stored, seeds=seeds, minutes=minutes, threads=threads, cache=cache_folder(), kept=kept)
    for row in rows:
        print(" | ".join((row.what, row.value, row.gate, VERDICT[row.holds])), flush=True)


def _print_environment_rates(threads: int) -> None:
    from envs.environment_speed import environment_rates

    for rate in environment_rates(threads=threads):
        print(" | ".join((rate.what, rate.value, rate.gate, VERDICT[rate.holds])), flush=True)


def _print_room_rows(city: str, scenario: str) -> None:
    from app.cli.web_speed import room_rows

    for row in room_rows(city, scenario):
        print(" | ".join((row.what, row.value, row.gate, VERDICT[row.holds])), flush=True)


def _print_searches(
    city: str,
    scenario: str,
    names: list[str],
    seeds: list[int],
    minutes: float,
    threads: int,
    extend_minutes: float | None,
    keep: Path | None,
) -> None:
    from app.runs.anchor_store import known_anchors
    from app.runs.loading import load_resolved
    from app.runs.optimize import refuse_unknown_algorithm
    from optimizers.bench.reference_front import extend_reference
    from optimizers.bench.runs import BenchRuns, read_bench_runs
    from optimizers.bench.searches import COMPARED, search_bench

    for name in names:
        refuse_unknown_algorithm(name)
    kept = BenchRuns() if keep is None else read_bench_runs(keep)
    resolved = load_resolved(city, scenario)
    anchors = known_anchors(resolved, threads=threads)
    if extend_minutes is None:
        for row in search_bench(
            resolved, anchors, algorithms=names or COMPARED, seeds=seeds, minutes=minutes, threads=threads, kept=kept
        ):
            print(" | ".join((row.what, row.value, row.gate, VERDICT[row.holds])), flush=True)
        return
    for name in names or COMPARED:
        union = extend_reference(
            resolved, name, anchors=anchors, minutes=extend_minutes, seed=seeds[0], threads=threads
        )
        volume = union.hypervolume(anchors)
        print(f"{name}, {extend_minutes:g} min: {len(union.values)} plans in the union, hypervolume {volume:.4f}")
