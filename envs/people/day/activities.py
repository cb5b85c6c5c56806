"""What people do in a day, how they get there, and which kinds of people do alike; arrays follow these orders."""

from __future__ import annotations

import numpy as np

from data.city import CATEGORIES

HOME = "home"
ACTIVITIES = (
    "work", "school", "study", "escort", "shop", "doctor", "care", "culture", "sports", "park", "visit",
)  # fmt: skip
"""Away from home. School is that of children, study that of those who are older; escort brings or fetches a child."""
PURPOSES = (*ACTIVITIES, HOME)
"""Of a trip: what is done where it leads."""
WORK, VISIT, AT_HOME = PURPOSES.index("work"), PURPOSES.index("visit"), PURPOSES.index(HOME)

CATEGORY = {
    "school": "education",
    "escort": "education",
    "shop": "daily_commerce",
    "doctor": "health",
    "care": "elderly_care",
    "culture": "culture",
    "sports": "sports",
    "park": "green_space",
}
"""Activities at facilities, and the category of these."""
CATEGORIES_OF = {ACTIVITIES.index(name): CATEGORIES.index(category) for name, category in CATEGORY.items()}
"""The same as positions in ACTIVITIES and in CATEGORIES."""

MODES = ("walk", "bike", "transit", "car")
BANDS = ("nearest", "near", "middle", "far", "farther", "farthest")
"""Distances at which modes are chosen alike; key day.mode_bounds parts them."""
OWN_FORCE = 2
"""So many of them, the first, are as fast as the book says; the others as fast as travel between places."""

KINDS = ("child", "student", "younger_worker", "older_worker", "at_home", "pensioner", "older_pensioner")
"""People with the same shares of chains."""
IDLE_KIND = ("child", "student", "at_home", "at_home", "pensioner", "older_pensioner")
WORKER_KIND = ("younger_worker",) * 3 + ("older_worker",) * 3
"""Kind of those who do not work and of those who work, by age band."""
KIND_OF = np.array([[KINDS.index(kind) for kind in kinds] for kinds in (IDLE_KIND, WORKER_KIND)])
"""Kind by whether somebody works and by age band, shape (2, 6)."""
WORKERS = tuple(kind.endswith("worker") for kind in KINDS)

TRIPS, KM, MINUTES = range(3)
"""What is added up of trips."""
HOURS = 24
