"""A cache of costly pure functions, by the content of their arguments.

Resolving the same city with other parameters asks again and again for the same commuting matrix; equal arguments give
the same object, which nobody may write to.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

import numpy as np

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def cached_by_content(max_entries: int) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Keep the latest results of a pure function of NumPy arrays and plain values.

    Args:
        max_entries: results kept; the one used longest ago goes first.
    """

    def decorate(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        cache: OrderedDict[bytes, Result] = OrderedDict()
        lock = Lock()

        @wraps(function)
        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            key = _digest((*args, *sorted(kwargs.items())))
            with lock:
                if key in cache:
                    cache.move_to_end(key)
                    return cache[key]
            result = function(*args, **kwargs)
            with lock:
                cache[key] = result
                if len(cache) > max_entries:
                    cache.popitem(last=False)
            return result

        return call

    return decorate


def _digest(values: tuple[object, ...]) -> bytes:
    """Digest of arrays by dtype, shape and bytes, of anything else by its representation."""
    digest = hashlib.blake2b(digest_size=32)
    for value in values:
        inner = value if isinstance(value, tuple) else (value,)
        for item in inner:
            if isinstance(item, np.ndarray):
                digest.update(f"{item.dtype.str}{item.shape}".encode())
                digest.update(np.ascontiguousarray(item).tobytes())
            else:
                digest.update(f"{type(item).__name__} {item!r};".encode())
    return digest.digest()
