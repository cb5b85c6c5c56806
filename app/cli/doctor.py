"""The state of the installation, and a few equations whose answer is known."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from app.runs.folder import versions
from app.words.console import list_text
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

    name: str
    holds: bool
    detail: str


def self_check() -> list[CheckResult]:
    """Known answers, conservation on a small city, and the embedded cities."""
    return [_npv(), _irr(), *_small_city(), *(_embedded(name) for name in embedded_city_names())]


def _npv() -> CheckResult:
    value = float(net_present_value_cny(np.array([[0.0, -100.0, -100.0, 90.0, 160.0]]), 0.06)[0])
    return CheckResult("net present value by hand", abs(value - 18.961455) < 1e-6, f"{value:.6f}, expected 18.961455")


def _irr() -> CheckResult:
    value = float(internal_rate_of_return(np.array([[0.0, -100.0, -100.0, 90.0, 160.0]]))[0])
    return CheckResult(
        "internal rate of return by hand", abs(value - 0.10985426) < 1e-8, f"{value:.8f}, expected 0.10985426"
    )


def _small_city() -> list[CheckResult]:
    """On a synthetic city of eight villages: an empty plan changes nothing; nobody is lost by a full one."""
    resolved = resolve(load_scenario(DEFAULT_PRESET), synthesize_city(8, 1))
    empty = evaluate(resolved, empty_plan(8), indicators=())
    unchanged = float(empty["net_present_value_cny"][0]) == 0.0
    whole = np.ones((1, 8), dtype=np.int64)
    plans = Plans(whole, 2 * whole, 3 * whole, np.full((1, 8), 2.0), np.full((1, 8), 0.1))
    residents = Trace(resolved, plans, REPORT).residents.sum(axis=0)[0]
    drift = float(np.abs(residents / residents[0] - 1.0).max())
    return [
        CheckResult(
            "an empty plan changes nothing", unchanged, f"net present value {empty['net_present_value_cny'][0]:g}"
        ),
        CheckResult("residents add up every year", drift < 1e-9, f"largest relative drift {drift:.1e}"),
    ]


def _embedded(name: str) -> CheckResult:
    city = load_city(name)
    return CheckResult(f"embedded city {name}", True, f"{city.n_zones} zones, {city.n_villages} villages")


def device_text() -> str:
    """What torch would compute on, if it is installed."""
    if find_spec("torch") is None:
        return "cpu (torch is not installed)"
    import torch

    return f"cuda ({torch.cuda.get_device_name()})" if torch.cuda.is_available() else "cpu (torch sees no CUDA device)"


def doctor_text(results: list[CheckResult]) -> str:
    """Versions, device, threads, presets and the results."""
    settings = ", ".join(f"{name}={os.environ[name]}" for name in THREAD_VARIABLES if name in os.environ)
    facts = [
        *versions().items(),
        ("device", device_text()),
        ("processor cores", str(os.cpu_count())),
        ("thread settings", settings or "none; commands use one thread unless --threads is given"),
        ("embedded cities", ", ".join(embedded_city_names())),
        ("presets", ", ".join(preset_names())),
    ]
    checks = [("ok" if result.holds else "FAILED", result.name, result.detail) for result in results]
    return f"{list_text(facts)}\n\n{list_text(checks)}"
