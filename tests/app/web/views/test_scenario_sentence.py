"""Page Scenario: a sentence becomes the draft once it is confirmed."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from model_server import model_server, says

SENTENCE = "十年，每年五十个村，容积率不超过2.5，通勤优先，郊区慢慢来"


def element(room: AppTest, kind: str, name: str):  # type: ignore[no-untyped-def]
    return next(item for item in getattr(room, kind) if str(item.key).startswith(name))


def test_a_sentence_becomes_the_draft(open_page) -> None:  # type: ignore[no-untyped-def]
    room = open_page("scenario", lang="zh")
    element(room, "text_input", "sentence").input(SENTENCE).run()
    assert not room.exception
    shown = " ".join(str(table.value) for table in room.table)
    assert "容积率上限" in shown
    assert "郊区" in shown
    element(room, "button", "sentence_take").click().run()
    assert not room.exception
    assert element(room, "number_input", "plan_years").value == 10
    assert element(room, "number_input", "villages_per_year").value == 50


def test_a_model_is_asked_for_what_was_not_understood(open_page, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Only when the button is pressed, and only where the environment names one; the grammar reads what it says."""

    def reword(body: dict[str, object]) -> str:
        del body
        return json.dumps({"clauses": [{"words": "cram nothing beyond a FAR of 2.5", "says": "FAR at most 2.5"}]})

    with model_server(says(reword)) as server:
        for name, value in {"URL": server.url, "NAME": "small", "SECONDS": "1", "CACHE": str(tmp_path)}.items():
            monkeypatch.setenv(f"RENEWAL_MODEL_{name}", value)
        monkeypatch.setattr("app.language_model.conversation.time.sleep", lambda _: None)
        room = open_page("scenario", lang="en")
        element(room, "text_input", "sentence").input("ten years, cram nothing beyond a FAR of 2.5").run()
        assert not server.requests
        element(room, "button", "sentence_model").click().run()
        assert not room.exception
        assert server.requests
        assert "→ FAR at most" in " ".join(str(table.value) for table in room.table)
