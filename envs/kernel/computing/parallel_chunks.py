"""Work divided among threads: chunks of a batch side by side, with one BLAS thread each.

Matrix products that all ask for every core only wait for one another; and with one thread each, their sums do not
depend on the number of cores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from envs.kernel.computing.backend import keep_freed_memory, one_blas_thread

Item = TypeVar("Item")
Result = TypeVar("Result")


def chunks(n_items: int, size: int, *, threads: int = 1) -> list[slice]:
    """Consecutive slices that cover a batch.

    Args:
        n_items: length of the batch.
        size: most items of a slice; at least 1 is taken.
        threads: threads that are to have one slice each, if the batch is large enough.

    Returns:
        Slices in order; none for an empty batch.

    Example:
        >>> chunks(5, 2)
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
        >>> chunks(5, 100, threads=2)
        [slice(0, 3, None), slice(3, 5, None)]
    """
    size = max(1, min(size, -(-n_items // threads)))
    return [slice(first, min(first + size, n_items)) for first in range(0, n_items, size)]


def in_parallel(work: Callable[[Item], Result], items: Sequence[Item], *, threads: int) -> list[Result]:
    """Apply a function to every item, some of them side by side, with one BLAS thread each.

    Args:
        work: releases the interpreter while it computes, as array libraries do.
        items: what it is applied to.
        threads: worker threads; with one, or for one item, the calling thread works itself.

    Returns:
        The results, in the order of the items.

    Example:
        >>> in_parallel(abs, [-1, 2, -3], threads=2)
        [1, 2, 3]
    """
    keep_freed_memory()
    with one_blas_thread():
        if threads <= 1 or len(items) <= 1:
            return [work(item) for item in items]
        with ThreadPoolExecutor(min(threads, len(items))) as pool:
            return list(pool.map(work, items))
