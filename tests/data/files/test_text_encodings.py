"""Texts are read in the encoding they are in, or refused; a wrong guess would be a wrong name on every map."""

from __future__ import annotations

import pytest

from data.errors import InputError
from data.files.text_encodings import choose_encoding, decoded, garbled, known_encoding, whole_letters

DISTRICTS = ("东城区", "西城区", "昌平区")
RARE = "邨嵚岺"  # in GB 18030, but not among the usual signs of GB 2312


def coded(encoding: str, *texts: str) -> list[bytes]:
    return [text.encode(encoding) for text in texts]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "gb2312", "utf-8"])
def test_chinese_texts_without_a_declaration_are_recognized(encoding: str) -> None:
    found = choose_encoding(coded(encoding, *DISTRICTS))
    assert [text.decode(found.name) for text in coded(encoding, *DISTRICTS)] == list(DISTRICTS)
    assert "东城区" in str(found.note)


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("gbk", "ISO-8859-1"),
        ("gbk", "88591"),
        ("gbk", "cp1252"),
        ("gbk", "UTF-8"),
        ("utf-8", "GBK"),
        ("utf-8", "ANSI 936"),
    ],
)
def test_a_wrong_declaration_is_seen_and_said(written: str, declared: str) -> None:
    texts = coded(written, *DISTRICTS, "朝阳门外大街")
    found = choose_encoding(texts, declared=declared)
    assert texts[0].decode(found.name) == "东城区"
    assert declared in str(found.note)


def test_a_right_declaration_is_believed_without_a_word() -> None:
    assert choose_encoding(coded("big5", "臺北"), declared="950").name == "big5"
    assert choose_encoding(coded("gbk", RARE), declared="936") == choose_encoding(coded("gbk", RARE), stated="GBK")
    assert choose_encoding([b"plain"], declared="klingon").note is None
    assert choose_encoding(coded("latin-1", "Café"), declared="ISO-8859-1").name == "iso8859-1"


def test_what_is_not_clear_is_refused_with_the_readings() -> None:
    with pytest.raises(InputError, match="encoding: GB18030") as caught:
        choose_encoding(coded("big5", "臺北縣", "鄰里"))
    assert "BIG5: 臺北縣" in str(caught.value)
    with pytest.raises(InputError, match="GB18030: 东城区"):
        choose_encoding(coded("gbk", *DISTRICTS), stated="UTF-8")
    with pytest.raises(InputError, match="no known encoding"):
        choose_encoding([b"a"], stated="klingon")


def test_a_pair_of_letters_that_is_also_utf_8_is_read_as_chinese() -> None:
    """两 bytes of 一 GBK sign may be a Cyrillic letter of UTF-8."""
    text = "心".encode("gbk") + "目".encode("gbk")
    assert choose_encoding([b"\xd0\xa1" + "村".encode("gbk")]).name == "gb18030"
    assert choose_encoding([text]).name == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gbk"])
def test_a_text_file_is_decoded(encoding: str) -> None:
    assert decoded("id,村名\n1,东村\n".encode(encoding))[0] == "id,村名\n1,东村\n"


def test_a_mark_wins_over_what_the_mapping_says() -> None:
    assert decoded("村名".encode("utf-16"), "GB18030")[0] == "村名"
    with pytest.raises(InputError, match="not in the encoding"):
        decoded("村名东".encode(), "ascii")


def test_halves_of_letters_are_cut() -> None:
    assert whole_letters("常住人口".encode()[:10], "utf-8").decode() == "常住人"
    assert whole_letters("常住人口".encode("gbk")[:7], "gb18030").decode("gbk") == "常住人"
    assert whole_letters(b"plain", "utf-8") == b"plain"


def test_garbled_texts_are_found() -> None:
    assert garbled(["Café", "plain", "东城区"]) is None
    assert garbled(["¶«³ÇÇø"]) == ("¶«³ÇÇø", "东城区")
    assert garbled(["åŒ—äº¬"]) == ("åŒ—äº¬", "北京")


def test_names_of_encodings() -> None:
    assert [known_encoding(name) for name in ("GBK", "cp936", "936", "ANSI 936", "UTF-8", '"65001"', "x")] == [
        *["gb18030"] * 4, "utf-8", "utf-8", None,
    ]  # fmt: skip
