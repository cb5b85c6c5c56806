"""The layout of what a policy sees: names and order of all features. A stored policy is bound to it."""

from __future__ import annotations

from agents.objectives import KNOWN_OBJECTIVES
from envs.game.observation import GLOBAL_FEATURES, OPTION_FEATURES
from envs.game.slack import SLACK_RULES

LAYOUT_VERSION = 2
"""Raised when a feature means something else under its old name."""
N_NUDGED = 3
N_CANDIDATES = 1 + N_NUDGED + 1
"""Of a village: its best option, the best under weights nudged towards an objective, and the thriftiest that fits."""
FAVORITE_PLACE, THRIFTY_PLACE = 0, N_CANDIDATES - 1
RULES_USED = (*(rule for rule in SLACK_RULES if rule not in ("minimum_facility_ratio", "consent")), "targets")
"""Rules whose use by an option is shown; what single villages decide is in the options themselves."""
OWN_FEATURES = (
    "open",
    *(f"gain_{name}" for name in KNOWN_OBJECTIVES),
    "price",
    "gain",
    "gain_later",
    "waiting",
    "advantage",
    "rank_in_year",
    "rank_in_programme",
    "favorite",
    "thrifty",
)
"""Of a candidate: may it start; its weighted gains now, relative to the mean of those the open year has room for, what
it pays for limits, and its gain less that; the largest gain of a later start; what waiting is worth to its village, and
its gain less that, the advantage of starting now; the village's rank by gain, relative to the room of the year and of
the years left; is it the option that gains most, or the thriftiest that fits."""
USE_FEATURES = tuple(f"{rule}_use" for rule in RULES_USED)
"""What a candidate uses of each rule's limit, relative to what is left of it; negative where it brings what is asked
for; 0 where no limit is hard. Where a rule has several limits, the largest counts."""
CANDIDATE_FEATURES = (*OWN_FEATURES, *USE_FEATURES, *OPTION_FEATURES)
OPEN, GAIN, WAITING = (CANDIDATE_FEATURES.index(name) for name in ("open", "gain", "waiting"))
CITY_FEATURES = (
    *GLOBAL_FEATURES,
    *(f"change_{name}" for name in KNOWN_OBJECTIVES),
    *(f"weight_{name}" for name in KNOWN_OBJECTIVES),
    "promise_of_year",
    "promise_of_programme",
    "year_of_programme",
    "programme_of_city",
)
"""As the environment's overview; change and weight of each objective, 0 where it is not asked; the sums of the largest
gains there is room for; the room of the year relative to that of the programme, and that to the villages open."""
FAR = 5.0
"""Features lie within -FAR..FAR."""
