"""Chunks cover a batch once, and threads keep the order and say what went wrong."""

from __future__ import annotations

import pytest

from envs.kernel.computing.parallel_chunks import chunks, in_parallel


@pytest.mark.parametrize(("n_items", "size", "threads"), [(0, 3, 2), (1, 3, 4), (10, 3, 1), (10, 100, 3), (10, 0, 1)])
def test_chunks_cover_the_batch_once(n_items: int, size: int, threads: int) -> None:
    slices = chunks(n_items, size, threads=threads)
    assert [i for some in slices for i in range(n_items)[some]] == list(range(n_items))
    assert all(0 < some.stop - some.start <= max(size, 1) for some in slices)


@pytest.mark.parametrize("threads", [1, 3])
def test_results_keep_the_order_of_the_items(threads: int) -> None:
    assert in_parallel(lambda i: i * i, range(7), threads=threads) == [i * i for i in range(7)]
    assert in_parallel(str, [], threads=threads) == []
    with pytest.raises(ZeroDivisionError):
        in_parallel(lambda i: 1 // i, [1, 0], threads=threads)
