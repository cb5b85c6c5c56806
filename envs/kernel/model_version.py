"""The version of the model that this kernel computes; written to runs and scenario files (data/model_version.py)."""

from __future__ import annotations

from data.model_version import FIRST_MODEL_VERSION, MODEL_VERSION

__all__ = ["FIRST_MODEL_VERSION", "MODEL_VERSION"]
