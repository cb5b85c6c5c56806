"""Two hundred ugly deliveries of a city whose truth is known: right, warned or refused with the remedy."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ugly_inputs import draw, outcome

N_DELIVERIES = 200
FEW = (1, 11, 13)


def judged(seed: int, folder: Path) -> str:
    delivery, uglinesses = draw(seed)
    names = ", ".join(ugly.name for ugly in uglinesses)
    found = outcome(delivery, uglinesses, folder)
    assert found == "right" or any(ugly.words for ugly in uglinesses), f"{names}: {found}"
    return found


@pytest.mark.parametrize("seed", FEW)
def test_an_ugly_delivery_is_never_silently_wrong(seed: int, tmp_path: Path) -> None:
    assert judged(seed, tmp_path) in ("right", "warned", "refused")


@pytest.mark.slow
def test_two_hundred_ugly_deliveries(tmp_path: Path) -> None:
    outcomes = Counter[str]()
    for seed in range(N_DELIVERIES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        outcomes[judged(seed, folder)] += 1
    assert outcomes["right"] >= N_DELIVERIES // 5
    assert outcomes["warned"] + outcomes["refused"] >= N_DELIVERIES // 4
