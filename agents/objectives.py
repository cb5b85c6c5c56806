"""The objectives that a policy plans for. Light to import."""

from __future__ import annotations

from collections.abc import Collection

OBJECTIVES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")
"""Those of the presets."""
KNOWN_OBJECTIVES = (
    *OBJECTIVES,
    "embodied_carbon_tco2e",
    "displaced_tenants_persons",
    "total_cost_cny",
    "peak_funding_cny",
)
"""All that a policy may be asked for: each has a place of its own among the features, empty where it is not asked."""
FEWEST_ASKED, MOST_ASKED = 2, 5
"""Objectives asked at once."""


def policy_knows(objectives: Collection[str]) -> bool:
    """Whether a policy can be asked for these objectives, in any order."""
    return FEWEST_ASKED <= len(objectives) <= MOST_ASKED and set(objectives) <= set(KNOWN_OBJECTIVES)
