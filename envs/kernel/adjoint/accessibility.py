"""Slopes of service accessibility: facilities and residents, through supply within reach."""

from __future__ import annotations

from data.city import CATEGORIES, LAND_CATEGORIES
from envs.kernel.adjoint.people import over_start_years, people_slope
from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.services.accessibility import per_person_reached, village_supply
from envs.kernel.trace import Trace


def share_below_standard(filled: Array, cap_width: float) -> Array:
    """1 below the standard and 0 above it, falling linearly over 1 - cap_width .. 1 + cap_width of it."""
    xp = array_namespace(filled)
    if cap_width == 0.0:
        return xp.astype(filled < 1.0, filled.dtype)
    return xp.clip((1.0 + cap_width - filled) / (2.0 * cap_width), 0.0, 1.0)


def accessibility_slope(trace: Trace, *, cap_width: float = 0.0) -> dict[str, Array]:
    """D service_accessibility by what a village contributes if it starts in a year.

    Args:
        trace: plans on their way through the model.
        cap_width: 0 = the derivative; above, the standard's cap is smoothed over this share of it to either side, which
            foretells steps of many villages better (docs/search.md).

    Returns:
        As capital_slope [0..1 per unit].
    """
    xp, model = trace.xp, trace.constants.access
    n_zones = trace.resolved.city.n_zones
    residents, states = trace.columns(trace.residents), trace.facility_states
    total = xp.sum(residents, axis=0)
    per_person = [per_person_reached(decay.product(residents)) for decay in model.decay]
    by_reached = [xp.zeros_like(residents) for _ in model.decay]
    met = xp.zeros_like(residents)
    slope = {name: xp.zeros_like(residents[n_zones:]) for name in ("rebuilt_share", "floor", "green_land")}
    for category, scale in enumerate(model.scale_idx):
        decay, inverse = model.decay[scale], per_person[scale]
        villages = village_supply(category, model, states)
        ratio = xp.concat(
            [model.supply[:n_zones, category][:, None] * inverse[:n_zones], villages * inverse[n_zones:]], axis=0
        )
        filled = decay.product(ratio) / model.standard[category]
        met = met + model.weights[category] * xp.clip(filled, None, 1.0)
        below = residents * share_below_standard(filled, cap_width)
        by_ratio = decay.product(below * (model.weights[category] / model.standard[category])) / total
        by_reached[scale] = by_reached[scale] - by_ratio * ratio * inverse
        by_supply = (by_ratio * inverse)[n_zones:]
        slope["rebuilt_share"] = slope["rebuilt_share"] - by_supply * model.supply[n_zones:, category][:, None]
        is_land = CATEGORIES[category] in LAND_CATEGORIES
        split, name = (model.land_split, "green_land") if is_land else (model.floor_split, "floor")
        slope[name] = slope[name] + by_supply * split[:, category][:, None]
    by_person = met / total
    for decay, back in zip(model.decay, by_reached, strict=True):
        by_person = by_person + decay.product(back)
    floor = slope.pop("floor")
    slope |= {"facility_new": floor, "facility_converted": floor}
    return over_start_years(trace, slope | people_slope(trace, by_person, (1.0, 1.0, 1.0)))
