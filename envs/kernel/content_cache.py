"""Results of costly pure functions, remembered by the content of their arguments.

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

Given = ParamSpec("Given")
Result = TypeVar("Result")


def remembered(most: int) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Keep the latest results of a pure function of NumPy arrays and plain values.

    Args:
        most: results kept; the one used longest ago goes first.
    """

    def decorate(function: Callable[Given, Result]) -> Callable[Given, Result]:
        kept: OrderedDict[bytes, Result] = OrderedDict()
        lock = Lock()

        @wraps(function)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            key = _content((*args, *sorted(kwargs.items())))
            with lock:
                if key in kept:
                    kept.move_to_end(key)
                    return kept[key]
            result = function(*args, **kwargs)
            with lock:
                kept[key] = result
                if len(kept) > most:
                    kept.popitem(last=False)
            return result

        return call

    return decorate


def _content(values: tuple[object, ...]) -> bytes:
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
