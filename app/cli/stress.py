"""`renewal stress`: plans of a run under futures of prices, costs and rents, and in worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "stress", stress, "command_stress")


def stress(
    *,
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    plan: Annotated[list[str] | None, typer.Option(metavar="ID", help="option_stress_plan")] = None,
    futures: Annotated[int, typer.Option(min=2, max=1_000_000, metavar="N", help="option_stress_futures")] = 10_000,
    worlds: Annotated[int, typer.Option(min=0, max=10_000, metavar="W", help="option_stress_worlds")] = 0,
    sobol: Annotated[int, typer.Option(min=0, max=65_536, metavar="N", help="option_stress_sobol")] = 0,
    plain: Annotated[Path | None, typer.Option(metavar="DIR", help="option_stress_plain")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, metavar="S", help="option_stress_seed")] = 0,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
) -> None:
    """Mean, quantiles, worst tail, chances of targets, and which plan stands up best, in the same futures for all."""
    from app.files.atomic import check_new_folder
    from app.runs.run_folder import load_run
    from app.stress.causes import causes_of
    from app.stress.failures import failures_of
    from app.stress.price_of_robustness import compared_by, price_of_robustness
    from app.stress.price_text import price_text
    from app.stress.stress_folder import write_stress
    from app.stress.stress_of_run import stress_run
    from app.stress.stress_text import stress_text
    from envs.futures.variance_shares import check_sample

    check_new_folder(out)
    check_sample(sobol)
    loaded, language = load_run(run, city=city), reader_language()
    beside = None if plain is None else load_run(plain, city=city)
    if beside is not None:
        compared_by(loaded, beside)
    told = stress_run(loaded, plan or (), n_futures=futures, seed=seed, n_worlds=worlds, threads=threads)
    price = None
    if beside is not None:
        price = price_of_robustness(loaded, beside, n_futures=futures, seed=seed, threads=threads)
    causes, failures = causes_of(told, n=sobol, threads=threads), failures_of(told)
    source = city or loaded.record.city.source
    write_stress(out, told, failures, run=loaded, city=source, causes=causes, price=price, language=language)
    print(stress_text(told, failures, causes, out, language))
    if price is not None and plain is not None:
        print(f"\n{price_text(price, plain.name, language)}")
