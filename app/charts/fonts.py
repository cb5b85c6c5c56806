"""Fonts of charts and maps: Chinese where a font for it is installed, else plain English."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.font_manager import FontManager

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
def chinese_fonts() -> dict[str, Path]:
    """Installed fonts with Chinese glyphs and their files, best first."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    if not any(font.name in CHINESE_FONTS for font in manager.ttflist):
        _list_new_fonts(manager)
    files = {font.name: Path(font.fname) for font in manager.ttflist}
    return {name: files[name] for name in CHINESE_FONTS if name in files}


def _list_new_fonts(manager: FontManager) -> None:
    """Add what has been installed since Matplotlib wrote its list of fonts."""
    from matplotlib.font_manager import findSystemFonts

    for path in set(findSystemFonts()) - {font.fname for font in manager.ttflist}:
        with suppress(OSError, RuntimeError):  # a file that is no font
            manager.addfont(path)


def chinese_font() -> str | None:
    """The best installed font with Chinese glyphs, or None."""
    return next(iter(chinese_fonts()), None)


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

    font = chinese_font()
    family = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    with rc_context({"font.family": "sans-serif", "font.sans-serif": family, "axes.unicode_minus": False}):
        yield
