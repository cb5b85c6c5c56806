"""Which encoding the texts of a file are in: the one stated, else the one declared if it fits, else the likely one."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.catalogue import Message, message
from data.errors import LONGEST_NAME, printable, refuse

GB18030 = "gb18030"
"""Holds GB 2312 and GBK, so that every file in these is read as this."""
USUAL_SHARE_OF_GB2312 = 0.9
"""Of the signs of a Chinese text that are among the 7,445 of GB 2312; what is misread as Chinese has far fewer."""
BYTES_OF_ANY_ENCODING = ("latin", "cp125", "cp437", "cp85", "iso8859", "mac")
"""Encodings of one byte a letter, which any bytes fit, so that declaring them proves nothing."""
CODE_PAGES = {
    "65001": "utf-8", "936": GB18030, "54936": GB18030, "950": "big5", "932": "cp932", "949": "cp949",
    "88591": "latin-1", "1252": "cp1252",
}  # fmt: skip
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Bytes with which a text file declares its encoding; the longer of two that begin alike stands first."""


@dataclass(frozen=True)
class Encoding:
    """An encoding, and what has to be said about how it was found."""

    name: str
    note: Message | None = None


def known_encoding(name: str) -> str | None:
    """Python's name of an encoding, from a name or number of a code page; None where there is none."""
    plain = name.strip().strip('"').lower().replace("ansi ", "").removeprefix("windows-").removeprefix("cp")
    try:
        found = codecs.lookup(CODE_PAGES.get(plain, name.strip())).name
    except (LookupError, ValueError):
        return None
    return GB18030 if found in ("gbk", "gb2312", "cp936") else found


def choose_encoding(texts: Iterable[bytes], stated: str | None = None, declared: str | None = None) -> Encoding:
    """The encoding of a file's texts.

    Args:
        texts: as they stand in the file; one that is cut in the middle of a letter is let through.
        stated: by the mapping; it wins.
        declared: by the file.

    Raises:
        InputError: the one stated is unknown or does not fit, or several would fit.
    """
    foreign = list(dict.fromkeys(text for text in texts if not text.isascii()))
    if stated is not None:
        return Encoding(_stated(foreign, stated))
    known = None if declared is None else known_encoding(declared)
    if not foreign:
        return Encoding("utf-8")
    found = _found(foreign)
    proves = known is not None and not known.startswith(BYTES_OF_ANY_ENCODING) and found != "utf-8"
    if known is not None and fits(foreign, known) and (proves or known == found):
        return Encoding(known)
    if found is None and known is not None and fits(foreign, known):
        return Encoding(known)
    if found is None:
        raise refuse("encoding_unclear", readings=_readings(foreign))
    stated_so = declared.strip() if declared is not None else ""
    why = message("note_encoding_other", stated=stated_so) if stated_so else message("note_encoding_unstated")
    return Encoding(found, message("note_encoding", why=why, name=found.upper(), example=_example(foreign, found)))


def decoded(content: bytes, stated: str | None = None) -> tuple[str, Message | None]:
    """A text file as text, and what has to be said about its encoding.

    Raises:
        InputError: as `choose_encoding`.
    """
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    if marked is None and stated is None and b"\x00" in content[:2]:
        marked = "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"
    if marked is not None and fits([content], marked, whole=True):
        return content.decode(marked), None
    encoding = choose_encoding([content], stated)
    if not fits([content], encoding.name, whole=True):
        raise refuse("encoding_wrong", name=encoding.name, readings=_readings([content]))
    return content.decode(encoding.name), encoding.note


def fits(texts: Sequence[bytes], encoding: str, *, whole: bool = False) -> bool:
    """Whether all texts can be read in an encoding.

    Args:
        texts: as they stand in the file.
        encoding: Python's name.
        whole: whether a last letter of which bytes are missing does not fit.
    """
    try:
        for text in texts:
            codecs.getincrementaldecoder(encoding)().decode(text, final=whole)
    except (UnicodeError, LookupError):
        return False
    return True


def whole_letters(text: bytes, encoding: str) -> bytes:
    """The text without the bytes of a last letter that is cut in the middle."""
    decoder = codecs.getincrementaldecoder(encoding)()
    decoder.decode(text)
    pending = decoder.getstate()[0]
    return text[: len(text) - len(pending)]


def garbled(cells: Iterable[str]) -> tuple[str, str] | None:
    """A text that is Chinese read in a western encoding, and what it should read; None where there is none."""
    for cell in dict.fromkeys(cells):
        try:
            content = cell.encode("cp1252", errors="strict") if not cell.isascii() else b""
        except UnicodeError:
            continue
        for encoding in ("utf-8", GB18030):
            if len(content) > 1 and _is_chinese([content], encoding):
                return cell, content.decode(encoding)
    return None


def _stated(foreign: Sequence[bytes], stated: str) -> str:
    known = known_encoding(stated)
    if known is None:
        raise refuse("encoding_unknown", name=stated)
    if not fits(foreign, known):
        raise refuse("encoding_wrong", name=stated, readings=_readings(foreign))
    return known


def _found(foreign: Sequence[bytes]) -> str | None:
    """UTF-8, which hardly fits by chance, or GB 18030 where nearly every sign is a usual one."""
    in_utf8, chinese = fits(foreign, "utf-8") and bool(_signs(foreign, "utf-8")), _is_chinese(foreign, GB18030)
    if in_utf8 and (_is_chinese(foreign, "utf-8") or not chinese):
        return "utf-8"
    return GB18030 if chinese else None


def _signs(texts: Sequence[bytes], encoding: str) -> list[str]:
    """The foreign signs of texts, halves of letters left out."""
    return [sign for text in texts for sign in text.decode(encoding, errors="ignore") if not sign.isascii()]


def _is_chinese(texts: Sequence[bytes], encoding: str) -> bool:
    """Whether the texts fit and their foreign signs are nearly all among those of GB 2312, some of them Chinese."""
    if not fits(texts, encoding):
        return False
    signs = _signs(texts, encoding)
    usual = sum(_in_gb2312(sign) for sign in signs)
    return any("\u4e00" <= sign <= "\u9fff" for sign in signs) and usual >= USUAL_SHARE_OF_GB2312 * len(signs)


def _in_gb2312(sign: str) -> bool:
    try:
        return bool(sign.encode("gb2312"))
    except UnicodeError:
        return False


def _example(foreign: Sequence[bytes], encoding: str) -> str:
    first = foreign[0] if len(foreign[0]) <= LONGEST_NAME else _foreign_part(foreign[0])
    return printable(first.decode(encoding, errors="ignore").strip(), LONGEST_NAME)


def _foreign_part(text: bytes) -> bytes:
    """The first line with a foreign sign of a long text."""
    return next(line for line in text.splitlines() if not line.isascii())


def _readings(foreign: Sequence[bytes]) -> tuple[str, ...]:
    """What the first text would be in the encodings that fit."""
    candidates = ("utf-8", GB18030, "big5", "cp1252")
    return tuple(f"{name.upper()}: {_example(foreign, name)}" for name in candidates if fits(foreign, name)) or ("-",)
