"""Sign-in is asked for where it is configured, and only there; what cannot be read does not open the room."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from room_fixtures import shown

AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "room",
    "client_secret": "y",
    "server_metadata_url": "http://localhost/.well-known/openid-configuration",
}


class User:
    """Stands for st.user."""

    def __init__(self, signed_in: bool) -> None:
        self.is_logged_in = signed_in


def opened(open_page, signed_in: bool, monkeypatch: pytest.MonkeyPatch) -> AppTest:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("streamlit.secrets", {"auth": AUTH})
    monkeypatch.setattr("streamlit.user", User(signed_in))
    return open_page("scenario", lang="en")  # type: ignore[no-any-return]


def test_a_stranger_sees_a_button_and_nothing_else(open_page, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    asked: list[bool] = []
    monkeypatch.setattr("streamlit.login", lambda: asked.append(True))
    app = opened(open_page, False, monkeypatch)
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.exception
    assert not app.caption
    app.button[0].click().run()
    assert asked == [True]


def test_who_has_signed_in_sees_the_room_and_can_leave(open_page, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    left: list[bool] = []
    monkeypatch.setattr("streamlit.logout", lambda: left.append(True))
    app = opened(open_page, True, monkeypatch)
    assert app.title[0].value == "Scenario"
    next(button for button in app.button if button.key == "sign_out").click().run()
    assert left == [True]


def test_without_the_section_nobody_is_asked(open_page, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    app = open_page("scenario", lang="en")
    assert app.title[0].value == "Scenario"
    assert not any(button.key in ("sign_in", "sign_out") for button in app.button)


def test_secrets_that_cannot_be_read_keep_the_room_closed(  # type: ignore[no-untyped-def]
    open_page, monkeypatch, tmp_path: Path
) -> None:
    class Broken:
        def __contains__(self, name: str) -> bool:
            raise st.errors.StreamlitSecretNotFoundError("x")

    (tmp_path / "secrets.toml").write_text("[auth")
    monkeypatch.setattr("streamlit.secrets", Broken())
    monkeypatch.setattr("streamlit.get_option", lambda name: [str(tmp_path / "secrets.toml")])
    app = open_page("scenario", lang="en")
    assert "the room stays closed" in shown(app).replace("\\", "")
    assert not app.title
