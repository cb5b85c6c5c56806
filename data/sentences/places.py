"""Names of a city's villages and districts, as a sentence may say them."""

from __future__ import annotations

from data.city import City
from data.sentences.lexicon import read_table
from data.sentences.tokens import Places, half_width

_DISTRICT_ENDS = "区县市"
_SHORTEST = 2
"""Letters of a district's name without 区, and of a village's name, that are still a name."""


def places_of(city: City) -> Places:
    """Villages by id and name, also without spaces and 村; districts also without 区, 县, 市 and in Latin letters."""
    villages: dict[str, list[str]] = {}
    for village_id, name in zip(city.villages.village_id.tolist(), city.villages.name.tolist(), strict=True):
        plain = half_width(name)[0].strip()
        spelled = {plain, plain.replace(" ", "")}
        spelled |= {f"{one}村" for one in spelled if not one.endswith("村")}
        for one in {half_width(village_id)[0], *(one for one in spelled if len(one) >= _SHORTEST)}:
            if village_id not in villages.setdefault(one, []):
                villages[one].append(village_id)
    districts = {}
    for district in city.districts:
        plain = half_width(district)[0]
        districts[plain] = district
        if plain[-1:] in _DISTRICT_ENDS and len(plain) > _SHORTEST:
            districts[plain[:-1]] = district
        if (latin := read_table("districts").get(district)) is not None:
            districts |= dict.fromkeys((latin, f"{latin} district", f"{latin} 's", f"{latin}'s"), district)
    return Places({name: tuple(ids) for name, ids in villages.items()}, districts)
