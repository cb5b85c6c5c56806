"""`renewal train` and `renewal plan`: learn a policy, and let it plan."""

from __future__ import annotations

import json
import math
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command
from app.runs.names import LARGEST_TRAINING_SEED, ExitCode
from app.words.console import said_of
from app.words.language import reader_language
from data.catalogue import message
from data.errors import refuse

if TYPE_CHECKING:
    import numpy as np

    from app.runs.training_config import TrainingConfig
    from data.scenario import Scenario


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    add_command(renewal, "train", train, "command_train")
    add_command(renewal, "plan", plan, "command_plan")


def train(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="option_policy_out")] = None,
    config: Annotated[Path | None, typer.Option(metavar="F.yaml", help="option_training_config")] = None,
    city: Annotated[list[str] | None, typer.Option(metavar="CITY", help="option_training_city")] = None,
    generate: Annotated[str | None, typer.Option(metavar="SPEC", help="option_generate")] = None,
    vary: Annotated[bool, typer.Option("--vary", help="option_vary")] = False,
    scenario: Annotated[str | None, typer.Option(metavar="SCENARIO", help="option_training_scenario")] = None,
    steps: Annotated[int | None, typer.Option(min=1, metavar="N", help="option_steps")] = None,
    minutes: Annotated[float | None, typer.Option(metavar="M", help="option_training_minutes")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=LARGEST_TRAINING_SEED, metavar="N", help="option_training_seed")
    ] = None,
    seeds: Annotated[str | None, typer.Option(metavar="N,...", help="option_training_seeds")] = None,
    learning_rate: Annotated[float | None, typer.Option(metavar="X", help="option_learning_rate")] = None,
    engine: Annotated[str | None, typer.Option(metavar="NAME", help="option_engine")] = None,
    device: Annotated[str | None, typer.Option(metavar="NAME", help="option_device")] = None,
    begin: Annotated[Path | None, typer.Option(metavar="DIR", help="option_begin")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="option_training_resume")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="option_training_schema")] = False,
) -> None:
    """Train a policy by PPO; the best one so far is always in DIR, and Ctrl-C keeps it."""
    from app.runs.training_config import TrainingConfig, read_training_config, training_schema, with_options

    if schema:
        print(json.dumps(training_schema(), ensure_ascii=False, indent=2))
        return
    if out is None:
        missing = message("option_missing", name="--out")
        raise refuse("see_help", message=missing, command="renewal train")
    if city and generate is not None:
        raise refuse("options_exclude", first="--city", second="--generate", layer="--city, --generate")
    if city and vary:
        raise refuse("options_exclude", first="--city", second="--vary", layer="--city, --vary")
    if seed is not None and seeds is not None:
        raise refuse("options_exclude", first="--seed", second="--seeds", layer="--seed, --seeds")
    if minutes is not None and not 0.0 < minutes < math.inf:
        raise refuse("number_not_positive", layer="--minutes", number=minutes)
    if learning_rate is not None and not 0.0 < learning_rate <= 1.0:
        raise refuse("learning_rate_range", layer="--learning-rate", number=learning_rate)
    given = with_options(
        TrainingConfig() if config is None else read_training_config(config),
        cities=tuple(city) if city else (() if generate is not None else None),
        generate=generate,
        vary=vary or None,
        scenario=scenario,
        steps=steps,
        minutes=minutes,
        seeds=_seeds(seeds) if seeds is not None else (None if seed is None else (seed,)),
        learning_rate=learning_rate,
        engine=engine,
        device=device,
        begin=None if begin is None else str(begin),
    )
    _train(out, given, file=config, resume=resume, is_device_of_file=device is None and config is not None)


def _train(out: Path, config: TrainingConfig, *, file: Path | None, resume: bool, is_device_of_file: bool) -> None:
    from agents.training.engines import ENGINES
    from app.runs.training_config import DEVICES
    from data.parameter import unknown_name

    if config.device not in DEVICES:
        raise refuse("device_unknown", layer="--device", found=config.device)
    if config.engine not in ENGINES:
        found = unknown_name(config.engine, ENGINES)
        raise refuse("engine_unknown", layer="--engine", found=found, engines=list(ENGINES))
    if not all(find_spec(package) for package in ENGINES[config.engine].needs):
        raise refuse("extra_train_missing")
    from app.runs.policy_training import ended_text, train_into

    if config.steps is None and config.minutes is None:
        config = config.model_copy(update={"minutes": 30.0})
    done = train_into(out, config, file=file, resume=resume, is_device_of_file=is_device_of_file)
    print(said_of(str(out), ended_text(done, reader_language()), reader_language()))
    if done.reason == "stopped":
        raise typer.Exit(ExitCode.INTERRUPTED)


def _seeds(text: str) -> tuple[int, ...]:
    """Seeds from N,N,...

    Raises:
        InputError: no number, one that is too large, or one twice.
    """
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and word.isascii() and int(word) <= LARGEST_TRAINING_SEED for word in words):
        raise refuse("training_seeds_form", layer="--seeds", found=text, most=LARGEST_TRAINING_SEED)
    seeds = tuple(int(word) for word in words)
    if len(set(seeds)) < len(seeds):
        raise refuse("training_seed_twice", layer="--seeds", found=text)
    return seeds


def plan(
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_run_out")],
    city: Annotated[str, typer.Option(metavar="CITY", help="option_city")],
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="option_scenario")],
    policy: Annotated[Path | None, typer.Option(metavar="DIR", help="option_policy")] = None,
    weights: Annotated[str | None, typer.Option(metavar="NAME=W,...", help="option_weights")] = None,
    front: Annotated[int | None, typer.Option(min=1, max=2_000, metavar="N", help="option_front")] = None,
    method: Annotated[str, typer.Option(metavar="NAME", help="option_method")] = "policy",
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
    title: Annotated[str | None, typer.Option(metavar="TITLE", help="option_title")] = None,
    phases: Annotated[Path | None, typer.Option(metavar="F", help="option_phases")] = None,
) -> None:
    """Let a trained policy plan: one plan for the preference given (the scenario's by default), or a front of N."""
    from agents.policy.policy_files import SHIPPED, read_policy
    from app.files.atomic import check_new_folder
    from app.runs.loading import load_searchable
    from app.runs.phases import Phase, begin_phase, watched
    from app.runs.policy_plans import METHODS, POLICY, PlanRequest, plan_into
    from app.runs.summary import summary_text
    from app.runs.title import titled
    from data.parameter import unknown_name

    if weights is not None and front is not None:
        raise refuse("options_exclude", first="--weights", second="--front", layer="--weights, --front")
    if method not in METHODS:
        raise refuse("method_unknown", layer="--method", method=unknown_name(method, METHODS), methods=list(METHODS))
    if policy is not None and method != POLICY:
        raise refuse("method_without_policy", method=method, layer="--method, --policy")
    check_new_folder(out)
    with titled(out, title), watched(phases):
        begin_phase(Phase.READING)
        stored = read_policy(policy or SHIPPED) if method == POLICY else None
        resolved = load_searchable(city, scenario)
        preference = None if front is not None else _preference(weights, resolved.scenario)
        request = PlanRequest(city, preference, front or 1, method, threads)
        report = plan_into(out, resolved, stored, request)
    print(summary_text(resolved, report, out, reader_language()))
    sys.stdout.flush()


def _preference(text: str | None, scenario: Scenario) -> np.ndarray:
    """Weights from NAME=W,...; the scenario's preferences where none are given."""
    from envs.game.reward import weight_vector

    return weight_vector(scenario.preferences if text is None else read_weights(text), scenario.objectives)


def read_weights(text: str) -> dict[str, float]:
    """Weights by objective from NAME=W,...

    Raises:
        InputError: a name twice, or no number.
    """
    weights: dict[str, float] = {}
    for pair in text.split(","):
        name, _, number = (word.strip() for word in pair.partition("="))
        if name in weights:
            raise refuse("weight_twice", name=name, layer="--weights")
        try:
            weights[name] = float(number)
        except ValueError:
            raise refuse("weight_form", found=pair.strip(), layer="--weights") from None
    return weights
