"""Driving the pages of the room in tests."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def choose(app: AppTest, name: str, value: str) -> AppTest:
    """Choose in a segmented control."""
    control = next(item for item in app.get("button_group") if name in (item.key or ""))
    control.set_value(value)
    return app.run()


def shown(app: AppTest) -> str:
    """Every text on the page."""
    kinds = (app.title, app.markdown, app.caption, app.info, app.error, app.warning, app.success)
    return "\n".join(str(item.value) for kind in kinds for item in kind)
