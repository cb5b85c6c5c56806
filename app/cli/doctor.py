"""The state of the installation, and a few equations whose answer is known."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from app.runs.record import versions
from app.words.console import list_text
from data.catalogue import Message, message, shown, text
from data.files.cities import embedded_city_names, load_city
from data.scenario_files import DEFAULT_PRESET, load_scenario, preset_names
from data.synthesis.city import synthesize_city
from envs.kernel import Plans, evaluate, resolve
from envs.kernel.capital import internal_rate_of_return, net_present_value_cny
from envs.kernel.plans import empty_plan
from envs.kernel.trace import REPORT, Trace

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class CheckResult:
    """One check.

    Attributes:
        name: what must hold.
        holds: whether it does.
        detail: what was found.
    """

    name: Message | str
    holds: bool
    detail: Message | str


def self_check() -> list[CheckResult]:
    """Known answers, conservation on a small city, and the embedded cities."""
    return [_npv(), _irr(), *_small_city(), *(_embedded(name) for name in embedded_city_names())]


def _npv() -> CheckResult:
    value = float(net_present_value_cny(np.array([[0.0, -100.0, -100.0, 90.0, 160.0]]), 0.06)[0])
    return CheckResult(
        message("doctor_npv"),
        abs(value - 18.961455) < 1e-6,
        message("doctor_expected", value=value, expected=18.961455),
    )


def _irr() -> CheckResult:
    value = float(internal_rate_of_return(np.array([[0.0, -100.0, -100.0, 90.0, 160.0]]))[0])
    return CheckResult(
        message("doctor_irr"),
        abs(value - 0.10985426) < 1e-8,
        message("doctor_expected", value=value, expected=0.10985426),
    )


def _small_city() -> list[CheckResult]:
    """On a synthetic city of eight villages: an empty plan changes nothing; nobody is lost by a full one."""
    resolved = resolve(load_scenario(DEFAULT_PRESET), synthesize_city(8, 1))
    empty = evaluate(resolved, empty_plan(8), indicators=())
    value = float(empty["net_present_value_cny"][0])
    whole = np.ones((1, 8), dtype=np.int64)
    plans = Plans(whole, 2 * whole, 3 * whole, np.full((1, 8), 2.0), np.full((1, 8), 0.1))
    residents = Trace(resolved, plans, REPORT).residents.sum(axis=0)[0]
    drift = float(np.abs(residents / residents[0] - 1.0).max())
    return [
        CheckResult(message("doctor_empty_plan"), value == 0.0, message("doctor_npv_found", value=value)),
        CheckResult(message("doctor_residents"), drift < 1e-9, message("doctor_drift", drift=drift)),
    ]


def _embedded(name: str) -> CheckResult:
    city = load_city(name)
    size = message("city_size", n_zones=city.n_zones, n_villages=city.n_villages)
    return CheckResult(message("doctor_embedded", city=name), True, size)


def device_text() -> Message:
    """What torch would compute on, if it is installed."""
    if find_spec("torch") is None:
        return message("device_without_torch")
    import torch

    if torch.cuda.is_available():
        return message("device_cuda", name=torch.cuda.get_device_name())
    return message("device_without_cuda")


def doctor_text(results: list[CheckResult], language: str) -> str:
    """Versions, device, threads, presets and the results."""
    settings = [f"{name}={os.environ[name]}" for name in THREAD_VARIABLES if name in os.environ]
    facts: list[tuple[str, object]] = [
        (text("doctor_device", language), device_text()),
        (text("doctor_cores", language), os.cpu_count()),
        (text("doctor_threads", language), settings or message("doctor_no_thread_settings")),
        (text("doctor_cities", language), list(embedded_city_names())),
        (text("doctor_presets", language), list(preset_names())),
    ]
    rows = [*versions().items(), *((name, str(shown(fact, language))) for name, fact in facts)]
    verdicts = {True: text("doctor_holds", language), False: text("doctor_failed", language)}
    checks = [
        (verdicts[item.holds], str(shown(item.name, language)), str(shown(item.detail, language))) for item in results
    ]
    return f"{list_text(rows)}\n\n{list_text(checks)}"
