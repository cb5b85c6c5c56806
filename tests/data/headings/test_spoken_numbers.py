"""No number out of nothing is taken for one that was told, however it is written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.headings.spoken_numbers import sentences_of, spoken_numbers, untold_numbers

TOLD = (
    "The plan: Commodity housing, floor-area ratio 2.30, facilities 5.0 %, multiplier 1.500, on site 67 %",
    "Consent 43 %, 43 households short: the multiplier 1.500 is below the 2.465 that the deciding household wants.",
    "Gain over no agreement: -2,201 CNY per m2 of site.",
    "V0212: agreed after 3 concessions.",
)
TOLD_ZH = (
    "商品住房，容积率 2.30，设施 5.0 %，补偿倍数 1.500，就地安置 67 %",
    "同意率 43 %，缺 43 户：补偿倍数 1.500 低于枢纽户所需 2.465。",
    "与不达成协议相比的得益：每平方米用地 -2,201 元。",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "We are 43 households short, at 43% consent.",
        "Every m2 of site costs us 2,201 CNY per m2, and no one wants that.",
        "We lose 2201 yuan per square metre; the multiplier is 1.5, not 2.465.",
        "In V0212 only 43 per cent agree.",
        "－2,201 CNY per m²",
        "A ratio of 2.3, with 67 percent on site.",
        "That is one plan, one step too far.",
    ],
)
def test_what_was_told_may_be_repeated(sentence: str) -> None:
    assert untold_numbers(sentence, TOLD) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "我们还缺43户，同意率只有４３％。",
        "每㎡用地损失2,201元，倍数１．５远低于2.465。",
        "我们十分不满，一致认为这个方案是退了一步。",
        "每平方米用地亏 2201 元，万一不成，百姓吃亏。",
    ],
)
def test_what_was_told_may_be_repeated_in_chinese(sentence: str) -> None:
    assert untold_numbers(sentence, TOLD_ZH) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "44 households are short.",
        "We lose 2,201 CNY in total.",
        "We lose 2,201 CNY per household.",
        "We lose 2,201.",
        "We lose 2,200 CNY per m2.",
        "We lose 2,201 million CNY per m2.",
        "We lose 2,201k CNY per m2.",
        "We lose $2,201 per m2.",
        "We lose 2.201 CNY per m2.",
        "We lose 22,01 CNY per m2.",
        "Consent is 43.",
        "Consent fell by 43 percentage points.",
        "2.30 % on facilities.",
        "43 persons are short.",
        "Only 67 households agree.",
        "forty-three percent agree",
        "Two thirds must agree.",
        "Half of us agree.",
        "It doubled.",
        "Not one household agrees.",
        "In V0213 we agree.",
        "p001 is better.",
        "a ratio of 2.30:1",
        "+43 % or -43 %",
        "½ of us",
        "Ⅳ villages",
        "②",
        "It rises hundredfold.",
        "In the nineties a twentieth agreed.",
        "minus 43 %",
        "negative 43 households",
        "2.30 ‰",
        "2.30 €",
        "2.30 bn",
        "2.30 wan",
        "2.30 basis points",
        "43\u200b5 %",
        "43e2 %",
        "43'000 %",
        "43 000 %",
        "0043 %",
    ],
)
def test_what_was_not_told_is_found(sentence: str) -> None:
    assert untold_numbers(sentence, TOLD)


@pytest.mark.parametrize(
    "sentence",
    [
        "缺 44 户。",
        "共损失 2,201 元。",
        "每户损失 2,201 元。",
        "每平方米损失 2,201 万元。",
        "每平方米损失两千二百元。",
        "一户也不同意。",
        "四成三的人同意。",
        "同意率 4.3 成。",
        "一半人同意。",
        "百分之四十三同意。",
        "三分之二须同意。",
        "十分之一同意。",
        "再等十分钟。",
        "得益翻番。",
        "得益双倍。",
        "叁户不同意。",
        "负43 %。",
        "43 个基点。",
        "上涨 43 个百分点。",
        "同意率43，201户不同意。",
        "同意率43,201户。",
        "٤٤ %",
    ],
)
def test_what_was_not_told_is_found_in_chinese(sentence: str) -> None:
    assert untold_numbers(sentence, TOLD_ZH)


def test_numbers_by_hand() -> None:
    """Signs, thousands, units before and after, money by what it is counted."""
    read = [
        (number.value, number.unit) for number in spoken_numbers("From -1,500.5 CNY to ¥20 a month, 43-50 % of 7 flats")
    ]
    assert read == [
        (Decimal("-1500.5"), "CNY/month"),
        (Decimal(20), "CNY/month"),
        (Decimal(43), ""),
        (Decimal(50), "%"),
        (Decimal(7), "flats"),
    ]
    assert sentences_of("A gain of 2.5 %. Not 3;  no? 好。不行；\n完") == [
        "A gain of 2.5 %.",
        "Not 3;",
        "no?",
        "好。",
        "不行；",
        "完",
    ]


NUMERALS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """By place: 1203 -> 一千二百零三."""
    words = ""
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        words += NUMERALS[digit] + name if digit else "" if not words or words.endswith("零") else "零"
    return words.rstrip("零")


WAYS = (
    str,
    lambda n: f"{n:,}",
    lambda n: f"{n}.0",
    lambda n: "".join(chr(0xFF10 + int(digit)) for digit in str(n)),
    lambda n: "".join(chr(0x0660 + int(digit)) for digit in str(n)),
    chinese,
    lambda n: " ".join(str(n)),
    lambda n: f"{n}万",
    lambda n: f"-{n}",
)
FRAMES = ("我们得益 {} 元。", "It costs {} CNY per m2 of site.", "{} households agree", "共{}户", "so {}%", "x{}", "{}")


@settings(max_examples=60)
@given(st.integers(2, 9999), st.sampled_from(WAYS), st.sampled_from(FRAMES))
def test_no_number_out_of_nothing_survives(number: int, way, frame: str) -> None:  # type: ignore[no-untyped-def]
    """Told are numbers that are all different from it, digit by digit."""
    told = ("We gain 0.5 CNY per m2 of site, 0.25 % and 10,001 households.", "共 0.75 户。")
    assert untold_numbers(frame.format(way(number)), told)


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_is_read(text: str) -> None:
    """A text that was told may be repeated, letter by letter; without being told, every figure in it is found."""
    assert [one for sentence in sentences_of(text) for one in untold_numbers(sentence, [sentence])] == []
    assert "".join("".join(sentences_of(text)).split()) == "".join(text.split())
    if any(letter.isdecimal() for letter in text) and "m2" not in text.lower():
        assert any(untold_numbers(sentence, []) for sentence in sentences_of(text))
