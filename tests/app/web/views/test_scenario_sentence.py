"""Page Scenario: a sentence becomes the draft once it is confirmed."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

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
