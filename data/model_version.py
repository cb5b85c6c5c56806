"""Which model this is: a number that moves whenever the same plan has other outcomes by design."""

from __future__ import annotations

MODEL_VERSION = 2
"""1: exponential commutes, one market of housing; 2: the amended model (docs/model-choices.md)."""
FIRST_MODEL_VERSION = 1
"""Of runs and scenario files that say none."""
