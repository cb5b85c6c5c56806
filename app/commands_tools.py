"""`renewal doctor` and `renewal bench`: is the installation sound, and how fast is it?"""

from __future__ import annotations

import math
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
    from app.doctor import doctor_text, self_check

    results = self_check()
    print(doctor_text(results))
    if not all(result.holds for result in results):
        raise typer.Exit(1)


def run_bench(
    city: Annotated[str, typer.Option(metavar="CITY", help="City of the searches.")] = "beijing",
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="Scenario of the searches.")] = "balanced",
    minutes: Annotated[float, typer.Option(help="Time of each search.")] = 1.0,
    threads: Annotated[int, typer.Option(min=1, help="Worker threads.")] = 2,
    env: Annotated[bool, typer.Option("--env", help="Measure the environment's speed instead.")] = False,
) -> None:
    """Print the benchmark table: speed, error and quality, with ratios measured in this one run."""
    if env:
        _print_environment_rates(threads)
        return
    if not (math.isfinite(minutes) and minutes > 0.0):
        raise refusal(f"must be a number above 0, found {minutes:g}", layer="--minutes")
    from app.loading import load_checked_scenario
    from data.cities import load_city
    from optimizers.bench import bench

    for row in bench(load_city(city), load_checked_scenario(scenario), minutes=minutes, threads=threads):
        print(" | ".join((row.what, row.value, row.gate, VERDICT[row.holds])), flush=True)


def _print_environment_rates(threads: int) -> None:
    from envs.bench import environment_rates

    for rate in environment_rates(threads=threads):
        print(" | ".join((rate.what, rate.value, rate.gate, VERDICT[rate.holds])), flush=True)
