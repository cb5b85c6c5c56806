"""How far an indicator of a plan may lie from its value, one parameter at a time."""

from __future__ import annotations

import math

from app.studies.tornado_file import Tornado


def indicator_range(tornado: Tornado | None, name: str) -> tuple[float, float] | None:
    """Lowest and highest value of an indicator over the ends of every parameter's range.

    Args:
        tornado: of the plan, if it was computed.
        name: indicator.

    Returns:
        None unless every parameter with a range was measured.
    """
    if tornado is None or not tornado.complete:
        return None
    ends = [value for bar in tornado.bars(name) for value in (bar.at_low, bar.at_high)]
    known = [value for value in [tornado.base.outcomes[name], *ends] if math.isfinite(value)]
    return (min(known), max(known)) if known else None
