"""The one map on a page: drawn in the browser, a click chooses a village, and where that cannot be, a picture."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.components.v1 import declare_component
from streamlit.components.v1.custom_component import CustomComponent

from app.charts.village_map import VillageMap
from app.web.figures.chart_words import map_words, with_words
from app.web.figures.map_payload import map_payload, packed
from app.web.shell.page_frame import remember, remembered
from app.web.shell.session import language, say
from app.words.console import unit_text
from data.arrays import FloatArray

FOLDER = Path(__file__).parents[2] / "map_component"
WORDS = (
    "map", "zoom_in", "zoom_out", "north", "whole", "massing", "find", "size", "under_way", "many", "year", "play",
    "pause", "no_webgl", "draw", "draw_close", "draw_how",
)  # fmt: skip
PICTURE = "picture"
"""What the browser answers where it cannot draw the map."""
MOST_CORNERS = 500
"""Of an area drawn by hand."""
FLOOR = {
    "zh": {"one": {"unit_m2": 1e4, "digits": 1}, "total": {"unit_m2": 1e4, "digits": 0}},
    "en": {"one": {"unit_m2": 1e3, "digits": 0}, "total": {"unit_m2": 1e6, "digits": 1}},
}
"""What floor of one village and of a plan is said in, with its decimals."""


def show_village_map(shown: VillageMap, *, key: str, alt: str, height: int = 560, draws: bool = False) -> str:
    """The map; the village chosen on it or, until then, on the map before.

    Args:
        shown: what is on it.
        key: of the widget.
        alt: what it is; the number of each color is told after that.
        height: of the drawing [pixels].
        draws: an area may be drawn on it.

    Returns:
        Id of a village of the city, or "".
    """
    before = str(remembered("village", ""))
    known = [before] if before in set(shown.ground.village_id.tolist()) else []
    chosen = _drawn(shown, key=key, alt=alt, height=height, selected=known, many=False, draws=draws)
    if chosen != remembered(f"map:{key}", known):
        remember("village", chosen[-1] if chosen else "")
    remember(f"map:{key}", chosen)
    return str(remembered("village", "")) if chosen or known else ""


def show_drawing_map(shown: VillageMap, *, key: str, alt: str, height: int = 560) -> tuple[str, FloatArray | None]:
    """The map on which a village is chosen and an area may be drawn.

    Returns:
        Id of the village, or ""; and the corners of the area drawn last, shape (n, 2) [m of the city], or None.
    """
    village = show_village_map(shown, key=key, alt=alt, height=height, draws=True)
    ring = remembered(f"ring:{key}", None)
    return village, None if ring is None else np.array(ring, dtype=np.float64)


def forget_drawn_area(key: str) -> None:
    """Nothing is drawn on that map any more; what the browser told before is not taken again."""
    remember(f"ring:{key}", None)


def show_choosing_map(shown: VillageMap, *, key: str, alt: str, height: int = 560) -> list[str]:
    """The map on which several villages are chosen: ids."""
    return _drawn(shown, key=key, alt=alt, height=height, selected=[], many=True)


def show_zone_map(shown: VillageMap, *, key: str, alt: str, height: int = 560) -> str:
    """The map of zones; id of the zone chosen on it, or ""."""
    words = {"find": say("map_word_find_zone"), "map": say("map_word_map_of_zones")}
    chosen = _drawn(shown, key=key, alt=alt, height=height, selected=[], many=False, words=words)
    return chosen[-1] if chosen else ""


def _drawn(
    shown: VillageMap,
    *,
    key: str,
    alt: str,
    height: int,
    selected: Sequence[str],
    many: bool,
    words: Mapping[str, str] | None = None,
    draws: bool = False,
) -> list[str]:
    content, digest, middle_m = _packed(shown)
    alt = with_words(alt, map_words(shown, selected, language()), language())
    told = _browser_map()(
        map=content,
        map_digest=digest,
        words=_words() | dict(words or {}),
        alt=alt,
        height=height,
        selected=list(selected),
        many=many,
        draws=draws,
        key=key,
        default=list(selected),
    )
    if told == PICTURE:
        from app.charts.maps import DARK, LIGHT, map_png  # matplotlib, which most browsers never need

        paper = DARK if st.context.theme.type == "dark" else LIGHT
        st.image(map_png(shown, language=language(), paper=paper), alt=alt)
        return list(selected)
    if draws:
        _take_ring(told, middle_m, key)
    known = set(shown.ground.village_id.tolist())
    return [name for name in told if isinstance(name, str) and name in known]


@lru_cache(maxsize=16)
def _packed(shown: VillageMap) -> tuple[bytes, str, list[float]]:
    """What the browser is sent, its digest, and the middle of the map [m of the city]; kept maps are packed once.

    Streamlit tells a component of another map only if something beside the bytes is another one: the digest.
    """
    payload = map_payload(shown)
    content = packed(payload)
    return content, hashlib.sha256(content).hexdigest(), payload["middle_m"]


def _take_ring(told: Sequence[object], middle_m: Sequence[float], key: str) -> None:
    """Remember the area that the browser tells of, if it is another one than it told of before."""
    rings = [item["ring"] for item in told if isinstance(item, dict) and isinstance(item.get("ring"), list)]
    ring = rings[-1][:MOST_CORNERS] if rings else None
    if ring is None or ring == remembered(f"told:{key}", None):
        return
    remember(f"told:{key}", ring)
    if all(isinstance(corner, list) and len(corner) == 2 and all(map(_is_number, corner)) for corner in ring):
        remember(f"ring:{key}", (np.array(ring, dtype=np.float64) + np.array(middle_m)).tolist())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


@cache
def _browser_map() -> CustomComponent:
    """The map's page in the browser; declared by a page that is shown, for elsewhere it would not be registered."""
    return declare_component("village_map", path=FOLDER)


def _words() -> dict[str, object]:
    """Words of the map's own controls; what it counts itself stays a place to fill in."""
    now = say("map_word_now", year="{year}", begun="{begun}", done="{done}", floor="{floor}")
    floors = {name: say(f"map_word_{name}", floor="{floor}") for name in ("new_floor", "existing_floor")}
    return {
        **{name: say(f"map_word_{name}") for name in WORDS},
        **{name: unit_text(name, language()) for name in ("km", "m")},
        **floors,
        "now": now,
        "up": say("map_north"),
        **FLOOR[language()],
    }
