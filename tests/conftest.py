"""Settings of every test: hypothesis times nothing, because machines are shared; `renewal bench` measures speed."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
