"""A training from the command line: its cities, its folder, what it says."""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from agents.policy.plan_value import Judge, judge
from agents.policy.policy_files import RECORD_FILE, read_policy
from agents.training.cities import Draw, drawn_cities, given_cities, sizes_from, validation_setups
from agents.training.engines import DEFAULT_ENGINE, ENGINES
from agents.training.ppo import CHECKPOINT_RECORD, Trained, train
from app.files.atomic import check_new_folder
from app.runs.interruption import Interruption
from app.runs.loading import load_checked_scenario
from app.runs.record import versions
from app.runs.training_config import TrainingConfig
from app.runs.training_curves import write_training_curves
from app.runs.working_folder import RunLock
from app.words.language import reader_language
from data.catalogue import message, text
from data.errors import InputError, reason_of, refuse
from data.files.cities import load_city
from data.scenario import Scenario
from envs.environment_core import Setup, set_up

N_PREFERENCES = 15
"""Preferences by which a policy in training is judged in each city, at most."""


def train_into(
    out: Path, config: TrainingConfig, *, resume: bool, file: Path | None = None, is_device_of_file: bool = False
) -> Trained:
    """Train in a folder, a folder in it for each seed where there are several; says how it goes on standard error.

    Args:
        out: new or empty, or with a checkpoint where the training goes on.
        config: what the training is given.
        resume: go on in the folder.
        file: of the configuration, where there is one.
        is_device_of_file: whether the file names the device, rather than an option.

    Returns:
        Where it stands and why it ended; of several seeds, the last one that was trained.

    Raises:
        InputError: a folder in use, nothing to resume, wrong cities or such in which nothing is gained, no such device,
            or no policy to begin with.
    """
    device = _device(config.device, file if is_device_of_file else None)
    several = len(config.seeds) > 1
    if not resume:
        check_new_folder(out)
    elif not several and not (out / CHECKPOINT_RECORD).is_file():
        raise refuse("training_absent", file=out, layer="--out")
    torch.set_num_threads(1)
    scenario = load_checked_scenario(config.scenario)
    judged = judge(_judged(config, scenario), N_PREFERENCES)
    folders = [out / f"seed-{seed}" for seed in config.seeds] if several else [out]
    with Interruption("training_stopping") as interruption:
        for seed, folder in zip(config.seeds, folders, strict=True):
            if several:
                sys.stderr.write(f"{text('training_seed', reader_language(), seed=seed)}\n")
            goes_on = resume and (folder / CHECKPOINT_RECORD).is_file()
            work = _Work(config, scenario, judged, device, seed=seed, resume=goes_on, file=file)
            done = _train(folder, work, interruption)
            write_training_curves(out, folders, reader_language())
            if done.reason == "stopped":
                break
    return done


@dataclass(frozen=True, eq=False)
class _Work:
    """One training of a configuration: its seed, and whether it goes on."""

    config: TrainingConfig
    scenario: Scenario
    judge: Judge
    device: str
    seed: int
    resume: bool
    file: Path | None


def _train(folder: Path, work: _Work, stop: Interruption) -> Trained:
    """Train one seed in a folder of its own."""
    config = work.config
    draw, n_villages = _cities(config, work.scenario)
    setting = config.setting(work.seed, n_villages)
    begun = None if config.begin is None else read_policy(Path(config.begin))
    if begun is not None:  # it brings its own network
        width, heads = begun.parameters["attend"].shape
        setting = replace(setting, width=width, heads=heads)
    record = {
        "method": f"{ENGINES[config.engine].method}, begun "
        + ("as the greedy policy" if begun is None else "with another policy"),
        "engine": config.engine,
        "began_with": None if begun is None else begun.record,
        "command": _command(work),
        "seed": work.seed,
        "cities": list(config.cities) or _drawn(config),
        "scenario": config.scenario,
        "setting": asdict(setting),
        "versions": versions(),
    }
    lock = _locked(folder)
    try:
        return train(
            folder,
            draw,
            work.judge,
            setting,
            record=record,
            steps=config.steps,
            minutes=config.minutes,
            engine=config.engine,
            device=work.device,
            first=None if begun is None else begun.parameters,
            resume=work.resume,
            stop=stop,
            report=_show,
        )
    except (OSError, InputError):
        if not any((folder / name).exists() for name in (RECORD_FILE, CHECKPOINT_RECORD)):
            shutil.rmtree(folder, ignore_errors=True)  # nothing was kept, so the name stays free
        raise
    finally:
        lock.release(folder)


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


def _judged(config: TrainingConfig, scenario: Scenario) -> list[Setup]:
    if not config.cities:
        return validation_setups(scenario, varied=config.vary)
    return [set_up(city, scenario) for city in config.cities]


def _cities(config: TrainingConfig, scenario: Scenario) -> tuple[Draw, int]:
    if not config.cities:
        sizes = sizes_from(config.generate)
        return drawn_cities(sizes, scenario, varied=config.vary), sizes.most
    cities = [load_city(name) for name in config.cities]
    return given_cities(cities, scenario), max(city.n_villages for city in cities)


def _drawn(config: TrainingConfig) -> str:
    return f"synthetic, {config.generate} villages" + (", scenarios drawn" if config.vary else "")


def _device(name: str, file: Path | None) -> str:
    """Where to compute; `file` is the configuration, if that names the device."""
    if name == "cuda" and not torch.cuda.is_available():
        raise refuse("cuda_absent", file=file or "", layer="device" if file else "--device")
    return ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name


def _command(work: _Work) -> str:
    """The command line of one training; where no file was given, it has all that differs from what is set anyway."""
    config = work.config
    file = "" if work.file is None else f" --config {work.file.name}"
    cities = "".join(f" --city {name}" for name in config.cities) or f" --generate {config.generate}"
    cities += " --vary" if config.vary else ""
    budget = "".join(
        f" --{name} {value:g}" for name, value in (("steps", config.steps), ("minutes", config.minutes)) if value
    )
    budget += "" if config.begin is None else f" --begin {Path(config.begin).name}"
    rate = f" --learning-rate {config.ppo.learning_rate:g}"
    rate += "" if config.engine == DEFAULT_ENGINE else f" --engine {config.engine}"
    return f"renewal train{file}{cities} --scenario {config.scenario}{budget} --seed {work.seed}{rate}"


def _show(row: dict[str, float]) -> None:
    words = text(
        "training_row",
        reader_language(),
        minutes=row["seconds"] / 60.0,
        steps=row["steps"],
        value=row["value_over_greedy"],
    )
    sys.stderr.write(f"{words}\n")
