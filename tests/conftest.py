"""Settings of every test: hypothesis times nothing, because machines are shared; speed is measured by `renewal bench`."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
