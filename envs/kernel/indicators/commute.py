"""Indicators of the commute."""

from __future__ import annotations

from envs.kernel.backend import Array
from envs.kernel.indicators.measures import (
    district_membership,
    yearly_mean,
)
from envs.kernel.indicators.registry import Measure, register
from envs.kernel.trace import Trace


def _commute_of(kernel: str, *, affected: bool = False) -> Measure:
    def yearly(trace: Trace) -> Array:
        workers = trace.affected_workers if affected else trace.workers
        return trace.commute_mean(kernel, workers)

    return yearly


def _commute_by_district(trace: Trace) -> Array:
    workers, weights = trace.workers, trace.year_weights
    km_total = trace.xp.sum(trace.xp.astype(trace.commute_km_by_place * workers, trace.xp.float64) * weights, axis=2)
    total = trace.xp.sum(trace.xp.astype(workers, trace.xp.float64) * weights, axis=2)
    member = district_membership(trace)
    return trace.xp.permute_dims((member @ km_total) / (member @ total), (1, 0))


GRAVITY_BIAS = (
    "One decay for all workers and modes; jobs follow the base year's pattern; a plan can shorten the mean by moving "
    "tenants away: read it beside the affected residents' mean."
)
register(
    "mean_commute_km",
    "km",
    "min",
    "Mean commute distance",
    "平均通勤距离",
    "Mean over years 1..horizon of the doubly constrained gravity model's mean distance, all workers.",
    yearly_mean(lambda trace: trace.commute_km),
    bias=GRAVITY_BIAS,
    yearly=lambda trace: trace.commute_km,
    by_district=_commute_by_district,
)
for _name, _kernel, _unit, _en, _zh, _recipe in (
    ("mean_commute_min", "kernel_min", "min", "Mean commute time", "平均通勤时间", "Mean door-to-door minutes"),
    (
        "commute_over_45_min_share",
        "kernel_over_45",
        "share",
        "Commutes above 45 minutes",
        "45分钟以上通勤占比",
        "Share of workers above 45 minutes, log-normal spread within a pair",
    ),
    (
        "commute_over_60_min_share",
        "kernel_over_60",
        "share",
        "Commutes above 60 minutes",
        "60分钟以上极端通勤占比",
        "Share of workers above 60 minutes, log-normal spread within a pair",
    ),
    ("mean_commute_km", "kernel_km", "km", "Mean commute distance", "平均通勤距离", "Mean distance"),
):
    if _kernel != "kernel_km":
        _yearly = _commute_of(_kernel)
        register(
            _name,
            _unit,
            "min",
            _en,
            _zh,
            f"{_recipe}, all workers, mean over years 1..horizon.",
            yearly_mean(_yearly),
            bias=GRAVITY_BIAS,
            yearly=_yearly,
        )
    _yearly = _commute_of(_kernel, affected=True)
    register(
        f"{_name}_affected",
        _unit,
        "min",
        f"{_en}, affected residents",
        f"{_zh}（受影响居民）",
        f"{_recipe} of villagers and tenants of renewed villages, wherever they live, and newcomers there; mean over "
        "years 1..horizon; absent for the empty plan.",
        yearly_mean(_yearly),
        bias="Displaced residents commute as the residents of the zone they settled in.",
        yearly=_yearly,
    )
