"""Adjoint of the kernel: derivative of the objectives by what a single village contributes, for whole batches.

A village enters the model through a few quantities (people who leave and return, jobs, facilities, money), each from a
year on that its start decides. The derivative of an objective by each of them, at the plans as they are, ranks every
open choice of every village for about the price of one more evaluation. It is exact for small changes; where a
standard is met (the cap of the met share) it is the derivative of the side the plan stands on, a largest year counts as
the year it is, newcomers are taken to come from the zones they ask first, and at search precision the commute answers
as the base year's balance would.
"""

from envs.kernel.adjoint.accessibility import accessibility_slope
from envs.kernel.adjoint.choice_calendars import calendar_of_choices, choice_clocks
from envs.kernel.adjoint.quantities import (
    BY_OPTION,
    COST_PROFILES,
    DELAYED,
    LIMITED,
    MONEY,
    PHYSICAL,
    PROFILES,
    QUANTITIES,
    quantity_names,
    village_quantities,
)
from envs.kernel.adjoint.slopes import SLOPES

__all__ = [
    "BY_OPTION",
    "COST_PROFILES",
    "DELAYED",
    "LIMITED",
    "MONEY",
    "PHYSICAL",
    "PROFILES",
    "QUANTITIES",
    "SLOPES",
    "accessibility_slope",
    "calendar_of_choices",
    "choice_clocks",
    "quantity_names",
    "village_quantities",
]
