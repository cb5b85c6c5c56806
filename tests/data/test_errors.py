"""A refusal on one line, in both languages: where it happened, what must hold, and what is there."""

from __future__ import annotations

from data.errors import InputError, printable, refuse


def test_file_layer_and_rows_are_named_in_both_languages() -> None:
    error = refuse("column_not_empty", column="residents", file="z.csv", layer="zones", rows="abcdefg")
    assert str(error) == "z.csv: zones: rows a, b, c, d, e and 2 more: residents must not be empty"
    assert error.text("zh") == "z.csv：zones：行 a, b, c, d, e 等，另有 2 行：residents 不得为空"


def test_a_refusal_may_be_told_from_within() -> None:
    error = refuse("share_above_one", found=2.0, layer="rent.opex").within(file="s.yaml", layer="parameters")
    assert str(error) == "s.yaml: parameters: rent.opex: is a share and must be at most 1, found 2"


def test_control_characters_stay_on_the_line_and_chinese_stays_chinese() -> None:
    assert printable("朝阳区\n\x1b[31m") == r"朝阳区\n\x1b[31m"
    error = refuse("city_unknown", names=("a\nb", "北京"), file="x\ny", rows=["\r"])
    assert isinstance(error, InputError)
    assert len(error.text("zh").splitlines()) == 1
    assert "北京" in error.text("zh")
