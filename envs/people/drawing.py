"""Residents drawn: persons in households, with sex, work, income and workplace.

A place depends on the seed and itself alone, but for what rounding handed on within its district.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from envs.people.composition import Composition, compositions
from envs.people.people_model import PeopleModel
from envs.people.place_drawing import draw_place
from envs.people.residents import Residents, joined

PERSONS_AT_ONCE = 400_000
"""Persons of a batch, about: what is drawn before it is handed on."""


def draw_residents(
    model: PeopleModel, seed: int, places: Sequence[int] | None = None, *, threads: int = 1
) -> Residents:
    """Draw the residents of places.

    Args:
        model: residents on average.
        seed: 0..LARGEST_SEED; equal seeds give equal residents, on any number of threads.
        places: positions among zones, then villages, in rising order; None = all.
        threads: places drawn side by side.

    Returns:
        All of them; a city of 20 million takes 0.7 GB.

    Raises:
        InputError: the book's margins contradict each other.
    """
    return joined(list(draw_batches(model, seed, places, threads=threads)))


def draw_batches(
    model: PeopleModel, seed: int, places: Sequence[int] | None = None, *, threads: int = 1
) -> Iterator[Residents]:
    """Draw the residents of places batch by batch, as `draw_residents`; few batches are in memory at a time."""
    wanted = range(model.city.n_places) if places is None else places
    composed = compositions(model, seed, wanted)

    def draw(batch: list[int]) -> Residents:
        return joined([draw_place(model, composed[place], place, seed) for place in batch])

    with ThreadPoolExecutor(threads) as pool:
        running: deque[Future[Residents]] = deque()
        for batch in _batches(model, composed):
            running.append(pool.submit(draw, batch))
            if len(running) > threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _batches(model: PeopleModel, composed: dict[int, Composition]) -> Iterator[list[int]]:
    """Consecutive places of about equal persons."""
    batch: list[int] = []
    size = 0
    for place in sorted(composed):
        batch.append(place)
        size += int(model.persons[place].sum())
        if size >= PERSONS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
