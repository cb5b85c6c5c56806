"""A training from the command line: its cities, its folder, what it says."""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from agents.policy.plan_value import judge
from agents.policy.policy_files import RECORD_FILE, read_policy
from agents.training.cities import Draw, drawn_cities, given_cities, sizes_from, validation_setups
from agents.training.engines import DEFAULT_ENGINE, ENGINES
from agents.training.learner import TrainingSetting
from agents.training.ppo import CHECKPOINT_RECORD, Trained, train
from app.files.atomic import check_new_folder
from app.runs.interruption import Interruption
from app.runs.loading import load_checked_scenario
from app.runs.record import versions
from app.runs.working_folder import RunLock
from app.words.language import reader_language
from data.catalogue import message, text
from data.errors import reason_of, refuse
from data.files.cities import load_city
from data.scenario import Scenario
from envs.environment_core import Setup, set_up

N_PREFERENCES = 15
"""Preferences by which a policy in training is judged in each city, at most."""


@dataclass(frozen=True)
class TrainingRequest:
    """What was asked for.

    Attributes:
        cities: names or paths; empty = drawn ones.
        generate: sizes of drawn cities, such as "20-60".
        vary: draw years, ranges, objectives and limits of each city around the scenario.
        scenario: preset or file.
        steps: budget, or None.
        minutes: budget, or None.
        seed: of the training.
        learning_rate: of Adam.
        engine: one of agents.training.engines.ENGINES.
        device: auto, cpu or cuda.
        begin: folder of a policy to begin with, or None.
        resume: go on in the folder.
    """

    cities: tuple[str, ...]
    generate: str
    vary: bool
    scenario: str
    steps: int | None
    minutes: float | None
    seed: int
    learning_rate: float
    engine: str
    device: str
    begin: Path | None
    resume: bool


def train_into(out: Path, request: TrainingRequest) -> Trained:
    """Train in a folder; says how it goes on standard error.

    Args:
        out: new or empty, or with a checkpoint where the request resumes.
        request: what was asked for.

    Returns:
        Where it stands and why it ended.

    Raises:
        InputError: a folder in use, nothing to resume, wrong cities, or no such device.
    """
    device = _device(request.device)
    if not request.resume:
        check_new_folder(out)
    elif not (out / CHECKPOINT_RECORD).is_file():
        raise refuse("training_absent", file=out, layer="--out")
    scenario = load_checked_scenario(request.scenario)
    draw, n_villages = _cities(request, scenario)
    setting = TrainingSetting(seed=request.seed, n_villages=n_villages, learning_rate=request.learning_rate)
    begun = None if request.begin is None else read_policy(request.begin)
    record = {
        "method": f"{ENGINES[request.engine].method}, begun "
        + ("as the greedy policy" if begun is None else "with another policy"),
        "engine": request.engine,
        "began_with": None if begun is None else begun.record,
        "command": _command(request),
        "seed": request.seed,
        "cities": list(request.cities) or _drawn(request),
        "scenario": request.scenario,
        "setting": asdict(setting),
        "versions": versions(),
    }
    torch.set_num_threads(1)
    judged = judge(_judged(request, scenario), N_PREFERENCES)
    lock = _locked(out)
    try:
        with Interruption() as interruption:
            done = train(
                out,
                draw,
                judged,
                setting,
                record=record,
                steps=request.steps,
                minutes=request.minutes,
                engine=request.engine,
                device=device,
                first=None if begun is None else begun.parameters,
                resume=request.resume,
                stop=interruption,
                report=_show,
            )
    except OSError:
        if not any((out / name).exists() for name in (RECORD_FILE, CHECKPOINT_RECORD)):
            shutil.rmtree(out, ignore_errors=True)  # nothing was kept, so the name stays free
        raise
    finally:
        lock.release(out)
    return done


def _locked(out: Path) -> RunLock:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse("not_writable", file=out, layer="--out", reason=reason_of(error)) from None
    return RunLock(out)


def ended_text(trained: Trained, language: str) -> str:
    """Why a training ended, and which policy it leaves: the one judged best, not the last one."""
    best = max(trained.progress.rows, key=lambda row: row["value_over_greedy"])
    kept = message("training_best_kept", steps=best["steps"]) if best["steps"] else message("training_first_kept")
    steps, reason = trained.progress.steps, message(f"training_end_{trained.reason}")
    return text("training_ended", language, reason=reason, steps=steps, kept=kept)


def _judged(request: TrainingRequest, scenario: Scenario) -> list[Setup]:
    if not request.cities:
        return validation_setups(scenario, varied=request.vary)
    return [set_up(city, scenario) for city in request.cities]


def _cities(request: TrainingRequest, scenario: Scenario) -> tuple[Draw, int]:
    if not request.cities:
        sizes = sizes_from(request.generate)
        return drawn_cities(sizes, scenario, varied=request.vary), sizes.most
    cities = [load_city(name) for name in request.cities]
    return given_cities(cities, scenario), max(city.n_villages for city in cities)


def _drawn(request: TrainingRequest) -> str:
    return f"synthetic, {request.generate} villages" + (", scenarios drawn" if request.vary else "")


def _device(name: str) -> str:
    if name == "cuda" and not torch.cuda.is_available():
        raise refuse("cuda_absent", layer="--device")
    return ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name


def _command(request: TrainingRequest) -> str:
    cities = "".join(f" --city {name}" for name in request.cities) or f" --generate {request.generate}"
    cities += " --vary" if request.vary else ""
    budget = "".join(
        f" --{name} {value:g}" for name, value in (("steps", request.steps), ("minutes", request.minutes)) if value
    )
    budget += "" if request.begin is None else f" --begin {request.begin.name}"
    rate = f" --learning-rate {request.learning_rate:g}"
    rate += "" if request.engine == DEFAULT_ENGINE else f" --engine {request.engine}"
    return f"renewal train{cities} --scenario {request.scenario}{budget} --seed {request.seed}{rate}"


def _show(row: dict[str, float]) -> None:
    words = text(
        "training_row",
        reader_language(),
        minutes=row["seconds"] / 60.0,
        steps=row["steps"],
        value=row["value_over_greedy"],
    )
    sys.stderr.write(f"{words}\n")
