"""The objectives that a policy plans for. Light to import."""

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
