"""`renewal doctor` and `renewal bench`: is the installation sound, and how fast is it?"""

from __future__ import annotations

import typer


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    renewal.command("doctor")(doctor)
    renewal.command("bench")(bench)


def doctor() -> None:
    """Versions, device, threads and a self-check; exit 1 if the self-check fails."""
    from app.doctor import doctor_text, self_check

    results = self_check()
    print(doctor_text(results))
    if not all(result.holds for result in results):
        raise typer.Exit(1)


def bench(
    city: str = typer.Option("beijing", help="Embedded city or GeoPackage of the search part."),
    scenario: str = typer.Option("balanced", help="Preset or YAML file of the search part."),
    minutes: float = typer.Option(1.0, min=0.01, help="Budget of each search, in minutes."),
    threads: int = typer.Option(2, min=1, help="Worker threads."),
) -> None:
    """The benchmark table: speed, errors and search quality, measured in this one run; exit 1 if a gate is missed."""
    from data.cities import load_city
    from data.scenario_files import load_scenario
    from optimizers.bench import bench as rows

    missed = 0
    for row in rows(load_city(city), load_scenario(scenario), minutes=minutes, threads=threads):
        verdict = {True: "ok", False: "MISSED", None: ""}[row.holds]
        print(f"{row.what:<72} {row.value:<70} {row.gate:<24} {verdict}", flush=True)
        missed += row.holds is False
    if missed:
        raise typer.Exit(1)
