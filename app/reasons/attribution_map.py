"""The map of what each village contributes to an outcome: for the better or for the worse, much or little."""

from __future__ import annotations

import numpy as np

from app.charts.colors import DIVERGING, KEPT_COLOR
from app.charts.village_map import MapClass, VillageMap, city_ground
from app.reasons.attribution_frames import renewed, share_of_sizes
from app.reasons.attribution_words import amount, label
from app.reasons.explained import Explained
from app.words.console import percent_text
from data.arrays import BoolArray
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS

LITTLE, MUCH = 0.5, 0.9
"""Quantiles of the sizes of shares between which a share is neither little nor much."""
LEVELS = ("much_worse", "worse", "little", "better", "much_better")


def attribution_map(explained: Explained, name: str, language: str) -> VillageMap:
    """Villages by their share of an outcome.

    Args:
        explained: the plan.
        name: of the outcome.
        language: zh or en.
    """
    share = explained.shares[name].by_village
    return VillageMap(
        ground=city_ground(explained.resolved.city),
        classes=[
            MapClass(f"{said} ({int(mask.sum()):,})", color, mask)
            for said, color, mask in _classes(explained, name, language)
        ],
        title=text("reasons_map_title", language, label=label(name, language)),
        lines=_lines(explained, name, share_of_sizes(explained.shares[name]).tolist(), share.tolist(), language),
    )


def bounds(explained: Explained, name: str) -> tuple[float, float]:
    """Sizes of shares between which a share is neither little nor much."""
    sizes = np.abs(explained.shares[name].by_village[renewed(explained)])
    little, much = np.quantile(sizes, (LITTLE, MUCH))
    return float(little), float(much)


def _classes(explained: Explained, name: str, language: str) -> list[tuple[str, str, BoolArray]]:
    """What is said of a class, its color and villages: from worse to better, as the outcome's better side is."""
    share, little, much = explained.shares[name].by_village, *bounds(explained, name)
    sign = -1.0 if INDICATORS[name].sense == "min" else 1.0
    good, is_renewed = sign * share, explained.plan.start_year[0] > 0
    masks = (
        good < -much,
        (good >= -much) & (good < -little),
        np.abs(good) <= little,
        (good > little) & (good <= much),
        good > much,
    )
    ends = (-much, -little, little, little, much)
    values = [amount(name, sign * end, language) for end in ends]
    said = [
        text(f"reasons_map_{level}", language, value=value.lstrip("+-") if level == "little" else value)
        for level, value in zip(LEVELS, values, strict=True)
    ]
    found = [(word, color, mask & is_renewed) for word, color, mask in zip(said, DIVERGING, masks, strict=True)]
    return [(text("map_kept", language), KEPT_COLOR, ~is_renewed), *(each for each in found if each[2].any())]


def _lines(explained: Explained, name: str, of_all: list[float], share: list[float], language: str) -> list[str]:
    """What each village contributes, in a line."""
    kept = text("map_kept", language)
    return [
        text(
            "reasons_map_line",
            language,
            label=label(name, language),
            share=amount(name, value, language),
            of_all=percent_text(abs(part)),
        )
        if start
        else kept
        for start, value, part in zip(explained.plan.start_year[0].tolist(), share, of_all, strict=True)
    ]
