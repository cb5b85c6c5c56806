"""The objectives that a policy plans for. Light to import."""

OBJECTIVES = ("net_present_value_cny", "mean_commute_km", "service_accessibility")
"""In this order, in every array of a policy."""
