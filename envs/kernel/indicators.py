"""All indicators: importing this module fills the registry, in the order in which they are shown."""

from envs.kernel import (  # isort: skip
    indicators_capital,
    indicators_commute,
    indicators_accessibility,
    indicators_places,
    indicators_resources,
)

__all__ = [
    "indicators_accessibility",
    "indicators_capital",
    "indicators_commute",
    "indicators_places",
    "indicators_resources",
]
