"""Fonts of charts and maps: Chinese where a font for it is installed, else plain English without missing glyphs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "Noto Serif CJK SC",
    "SimSun",
    "Arial Unicode MS",
)


@cache
def chinese_font() -> str | None:
    """An installed font with Chinese glyphs, or None."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in installed), None)


def drawn_language(language: str) -> str:
    """The language that can be drawn."""
    return language if chinese_font() else "en"


def drawn_text(text: str) -> str:
    """A text that the font can draw; dollar signs are no formulas."""
    shown = text if chinese_font() else text.encode("ascii", "replace").decode("ascii")
    return shown.replace("$", r"\$")


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the found font."""
    from matplotlib import rc_context

    found = chinese_font()
    family = [found, "DejaVu Sans"] if found else ["DejaVu Sans"]
    with rc_context({"font.family": "sans-serif", "font.sans-serif": family, "axes.unicode_minus": False}):
        yield
