"""What residents are told apart by; arrays with such an axis follow these orders.

A household type is a cell (group, tenure, size, age band), shape (3, 3, 5, 6).
"""

from __future__ import annotations

import numpy as np

from envs.kernel.people.ages import ELDERLY_BANDS, RESIDENT_GROUPS

GROUPS = RESIDENT_GROUPS
REGISTERED, TENANT, OTHER = range(3)

LEAVERS = (REGISTERED, TENANT)
"""Groups whom a renewal moves."""

TENURES = ("owner", "tenant", "member")
"""Of the dwelling: owned, rented, or held as a member of the collective."""
OWNED, RENTED, COLLECTIVE = range(3)

CLASSES = ((REGISTERED, COLLECTIVE), (TENANT, RENTED), (OTHER, OWNED), (OTHER, RENTED))
"""Groups with the tenures that they have."""

SIZES = np.arange(1, 6)
"""Persons of a household; the last stands for five and more."""

AGE_BANDS = ("0-14", "15-24", "25-39", "40-59", "60-69", "70+")
AGE_FROM = (0, 15, 25, 40, 60, 70)
AGE_TO = (15, 25, 40, 60, 70, 90)
"""First and last year of each band, the last excluded; the oldest count as up to 89."""
CHILDREN = 0
WORKING_AGE = 2
"""The band that grows up first where a place has more workers than adults."""
PENSION_FROM = 4
"""First band that draws a pension."""

ELDERLY_FROM = AGE_BANDS.index(ELDERLY_BANDS[0])
"""First band of those of 60 and more."""
CONSENT_GROUPS = ("owner", "long_stay", "elderly")
"""Of registered households, as `consent.weights` of the book has them."""
NO_VOTE = -1
"""Consent group of everybody else."""

SEXES = ("female", "male")
STAYS = ("short", "long")
TABLE_SHAPE = (len(GROUPS), len(TENURES), len(SIZES), len(AGE_BANDS))
