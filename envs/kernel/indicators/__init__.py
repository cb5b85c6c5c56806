"""All indicators: importing this package fills the registry, in the order in which they are shown."""

from envs.kernel.indicators import (  # isort: skip
    capital,
    commute,
    accessibility,
    places,
    resources,
)

__all__ = ["accessibility", "capital", "commute", "places", "resources"]
