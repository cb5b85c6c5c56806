"""What the browser unpacks is the payload; the same payload makes the same bytes, fewer than it takes as text."""

from __future__ import annotations

import gzip
import json

from app.web.figures.map_payload import map_payload, packed
from app.web.sections.scenario_villages import status_map, village_status
from data.files.cities import load_city


def test_packed_holds_the_payload_and_no_time() -> None:
    city = load_city("tiny")
    payload = map_payload(status_map(village_status({}, city), city))
    content = packed(payload)
    assert json.loads(gzip.decompress(content)) == payload
    assert packed(payload) == content
    assert 2 * len(content) < len(json.dumps(payload))
