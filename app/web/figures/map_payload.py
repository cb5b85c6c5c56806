"""A VillageMap as plain data for the browser: outlines as small whole numbers, repeated words once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely

from app.charts.colors import FLOW_COLOR
from app.charts.village_map import Frames, MapFlows, MapGround, MapPoints, MapShapes, Timeline, VillageMap
from data.arrays import FloatArray, GeometryArray

STEP_M = 10.0
"""What coordinates are rounded to; outlines of villages are simplified by several times that."""
LEVEL = 4
"""Of compression: a third of the time of the usual one, for a tenth more bytes."""


def map_payload(shown: VillageMap) -> dict[str, Any]:
    """What app/web/map_component draws.

    Args:
        shown: the map.
    """
    ground, middle = shown.ground, _middle(shown.ground)
    return {
        "step_m": STEP_M,
        **_ground(ground),
        "classes": [{"label": item.label, "color": item.color} for item in shown.classes],
        "class_of": shown.class_idx.tolist(),
        "title": shown.title,
        "lines": _once(shown.lines),
        "timeline": shown.timeline and _timeline(shown.timeline),
        "marked": shown.marked and {"label": shown.marked[0], "villages": np.flatnonzero(shown.marked[1]).tolist()},
        "points": [_points(item, middle) for item in shown.points],
        "rolled_up": shown.rolled_up,
        "marks": ground.has_marks,
        "frames": shown.frames and _frames(shown.frames),
        "flows": shown.flows and _flows(shown.flows, middle),
        "note": shown.note,
        "shapes": [_shapes(item, middle) for item in shown.shapes],
        "middle_m": middle.tolist(),
    }


def packed(payload: Mapping[str, Any]) -> bytes:
    """The payload as the browser unpacks it: JSON in UTF-8, compressed; the same for the same payload."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=LEVEL, mtime=0)


@lru_cache(maxsize=8)
def _ground(ground: MapGround) -> dict[str, Any]:
    """What every map of a city has; made once for each, and never changed."""
    middle = _middle(ground)
    return {
        "window": _steps(ground.window_m.reshape(2, 2), middle).ravel().tolist(),
        "areas": {"names": list(ground.area_names), **_rings(ground.areas, middle)},
        "villages": {
            "ids": ground.village_id.tolist(),
            "names": ground.village_name.tolist(),
            "area": ground.area_idx.tolist(),
            "floor_m2": np.rint(ground.floor_m2).astype(np.int64).tolist(),
            "centers": _steps(ground.center_m, middle).ravel().tolist(),
            **_rings(ground.villages, middle),
        },
    }


def _middle(ground: MapGround) -> FloatArray:
    return (ground.window_m[:2] + ground.window_m[2:]) / 2.0


def _steps(xy_m: FloatArray, middle: FloatArray) -> Any:  # noqa: ANN401 - whole numbers, shape as given
    return np.rint((xy_m - middle) / STEP_M).astype(np.int64)


def _rings(shapes: GeometryArray, middle: FloatArray) -> dict[str, list[int]]:
    """Outer rings: whose, how many points, and the way from point to point (the first from the middle) [steps]."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    points, ring_idx = shapely.get_coordinates(shapely.get_exterior_ring(parts), return_index=True)
    steps = _steps(points, middle)
    moves = np.diff(steps, axis=0, prepend=0)
    first = np.flatnonzero(np.diff(ring_idx, prepend=-1))
    moves[first] = steps[first]
    lengths = np.bincount(ring_idx, minlength=len(parts))
    return {"owner": owner.tolist(), "lengths": lengths.tolist(), "moves": moves.ravel().tolist()}


def _once(lines: Sequence[str]) -> dict[str, list[Any]]:
    """Each line once, and which of them is said of whom."""
    words: dict[str, int] = {}
    said = [words.setdefault(line, len(words)) for line in lines]
    return {"words": list(words), "of": said}


def _timeline(timeline: Timeline) -> dict[str, Any]:
    return {
        "start": timeline.start_year.tolist(),
        "end": timeline.completion_year.tolist(),
        "new_floor_m2": np.rint(timeline.new_floor_m2).astype(np.int64).tolist(),
        "density": np.round(timeline.new_density, 2).tolist(),
        "last": timeline.last_year,
    }


def _frames(frames: Frames) -> dict[str, Any]:
    return {
        "name": frames.name,
        "labels": list(frames.labels),
        "class_of": frames.class_idx.tolist(),
        "values": frames.values.tolist(),
        "value_text": frames.value_text,
        "note": frames.note,
        "first": frames.first,
    }


def _flows(flows: MapFlows, middle: FloatArray) -> dict[str, Any]:
    return {
        "label": flows.label,
        "color": FLOW_COLOR,
        "from": _steps(flows.from_m, middle).tolist(),
        "to": _steps(flows.to_m, middle).ravel().tolist(),
        "widths": np.round(flows.widths, 1).tolist(),
        "texts": list(flows.texts),
    }


def _points(item: MapPoints, middle: FloatArray) -> dict[str, Any]:
    at = _steps(item.xy_m, middle).ravel().tolist()
    return {"label": item.label, "color": item.color, "at": at, "texts": list(item.texts)}


def _shapes(item: MapShapes, middle: FloatArray) -> dict[str, Any]:
    return {"label": item.label, "color": item.color, "n": len(item.shapes), **_rings(item.shapes, middle)}
