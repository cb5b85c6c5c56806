"""What the browser unpacks is the payload; the same payload makes the same bytes, fewer than it takes as text."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from app.charts.village_map import MapShapes
from app.web.figures.map_payload import map_payload, packed
from app.web.sections.scenario_villages import status_map, village_status
from app.web.sections.villages import village_map
from data.files.cities import load_city


def test_packed_holds_the_payload_and_no_time() -> None:
    city = load_city("tiny")
    payload = map_payload(status_map(village_status({}, city), city))
    content = packed(payload)
    assert json.loads(gzip.decompress(content)) == payload
    assert packed(payload) == content
    assert 2 * len(content) < len(json.dumps(payload))


def test_another_map_is_told_beside_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit shows a component the new bytes only where something beside them is new."""
    told: list[dict[str, Any]] = []

    def draw(**arguments: Any) -> list[str]:
        told.append({name: value for name, value in arguments.items() if not isinstance(value, bytes)})
        return []

    monkeypatch.setattr(village_map, "_browser_map", lambda: draw)
    city = load_city("tiny")
    shown = status_map(village_status({}, city), city)
    outlined = replace(shown, shapes=[MapShapes("asked", "#b5361c", city.zones.geometry[:1])])
    for item in (shown, outlined, shown):
        village_map.show_choosing_map(item, key="map", alt="the map")
    assert told[0] != told[1]
    assert told[0] == told[2]
