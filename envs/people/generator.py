"""Counter-based random numbers: what is drawn at a place depends on seed and place alone."""

from __future__ import annotations

import hashlib
from enum import IntEnum

import numpy as np

LARGEST_SEED = 2**63 - 1


class Stream(IntEnum):
    """What is drawn; each has counters of its own, so that one more purpose moves no other draw."""

    COMPOSITION = 0
    PERSONS = 1
    WORKERS = 2
    TRAITS = 3
    FATES = 4
    VOTING_GROUPS = 16
    VALUATIONS = 17
    DELAYS = 32
    EVENTS = 33


def place_generator(seed: int, place_id: str, stream: Stream) -> np.random.Generator:
    """Random numbers of a place (Philox 4x64, Salmon et al. 2011), keyed by seed and place.

    Args:
        seed: 0..LARGEST_SEED.
        place_id: id of a zone or village.
        stream: purpose.
    """
    place = int.from_bytes(hashlib.blake2b(place_id.encode(), digest_size=8).digest(), "little")
    key = np.array([seed, place], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, 0, stream], dtype=np.uint64)))
