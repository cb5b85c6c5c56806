"""Carbon, water and electricity (model section 10)."""

from __future__ import annotations

from envs.kernel.computing.backend import Array

KG_PER_T = 1000.0


def embodied_carbon_tco2e(
    new_floor_m2: Array,
    demolished_m2: Array,
    retained_m2: Array,
    *,
    new_kg_per_m2: float,
    demolition_kg_per_m2: float,
    retrofit_kg_per_m2: float,
) -> Array:
    """Carbon of building, demolishing and rehabilitating, any shape [tCO2e]."""
    kg = new_floor_m2 * new_kg_per_m2 + demolished_m2 * demolition_kg_per_m2 + retained_m2 * retrofit_kg_per_m2
    return kg / KG_PER_T


def commuting_carbon_tco2e_per_km_yr(workers: float, *, days_per_yr: float, kg_per_person_km: float) -> float:
    """Carbon of going to work and back for each km of the mean commute [tCO2e/yr per km].

    Example:
        >>> commuting_carbon_tco2e_per_km_yr(1_000.0, days_per_yr=250.0, kg_per_person_km=0.1)
        50.0
    """
    return 2.0 * workers * days_per_yr * kg_per_person_km / KG_PER_T


def mode_weighted_kg_per_person_km(shares: dict[str, float], kg_by_mode: dict[str, float]) -> float:
    """Carbon per person and km over all modes; a mode without an entry (walking, cycling) emits nothing."""
    return sum(share * kg_by_mode.get(mode, 0.0) for mode, share in shares.items()) / sum(shares.values())
