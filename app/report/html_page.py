"""A report as one page of HTML that asks nothing of anybody: no script, no font, no picture from outside it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from app.report.document import (
    LONGEST_CELL,
    Block,
    Bullets,
    Document,
    Gallery,
    Heading,
    Key,
    PageBreak,
    Paragraph,
    Picture,
    Table,
    shown,
)

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may fetch for the page: nothing; pictures and style stand in it."""
STYLE = """
:root{color-scheme:light}
body{margin:0 auto;max-width:62rem;padding:1rem 1.2rem 4rem;color:#1f2a33;background:#fff;
font:15px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei","PingFang SC","SimSun",sans-serif}
h1{font-size:1.7rem;line-height:1.3;margin:.6rem 0 .2rem;color:#0b5c8f}
h2{font-size:1.25rem;margin:2rem 0 .5rem;color:#0b5c8f;border-bottom:1px solid #c5ccd2}
h3{font-size:1.05rem;margin:1.4rem 0 .3rem;color:#0b5c8f}
.soft,.note{color:#5b6670;font-size:.87rem}
.warning{background:#fdf3dc;border-left:4px solid #e69f00;padding:.5rem .8rem}
.command{background:#eef2f5;padding:.4rem .7rem;font-family:monospace;overflow-wrap:anywhere}
.wide{overflow-x:auto;margin:.4rem 0 1rem}table{border-collapse:collapse;width:100%;font-size:.87rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}th{background:#eef2f5;text-align:left}
th,td{padding:.25rem .5rem;border-bottom:1px solid #c5ccd2;vertical-align:top;overflow-wrap:break-word;min-width:5em}
.small table{font-size:.8rem}td.r,th.r{text-align:right}tr.strong td{background:#fdf3dc}
figure{margin:.6rem 0;display:inline-block;vertical-align:top;max-width:100%}figure img{max-width:100%;height:auto}
figcaption{font-weight:600;font-size:.9rem}.axis{font-size:.8rem;color:#5b6670}.key{white-space:nowrap;margin-right:1em}
nav{display:flex;gap:1.2rem;flex-wrap:wrap}
@media print{body{max-width:none;padding:0}tr{break-inside:avoid}h2{break-after:avoid}}
"""


class Link(NamedTuple):
    """A file beside the page.

    Attributes:
        path: relative to the page, with slashes.
        words: what it is.
        size: of it, as it is said.
    """

    path: str
    words: str
    size: str


def html_bytes(document: Document, *, other: tuple[str, str], files_title: str, files: Sequence[Link]) -> bytes:
    """The page in UTF-8.

    Args:
        document: what it says.
        other: path and name of the page in the other language.
        files_title: above the list of files.
        files: beside the page.
    """
    language = "zh-CN" if document.language == "zh" else "en"
    other_language = "en" if document.language == "zh" else "zh-CN"
    parts = [
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        f'<nav><a href="{escape(other[0])}" lang="{other_language}" hreflang="{other_language}">{_text(other[1])}</a>'
        f'<a href="#files">{_text(files_title)}</a></nav>',
        f'<h1>{_text(document.title)}</h1>\n<p class="soft">{_text(document.subtitle)}</p>',
        *(part for block in document.blocks for part in _block(block)),
        *_files(files_title, files),
        f'<p class="soft">{_text(document.footer)}</p>\n</body>\n</html>\n',
    ]
    return "\n".join(parts).encode("utf-8")


def _text(words: str, longest: int | None = None) -> str:
    """Words that are shown and never obeyed."""
    return escape(shown(words, longest), quote=True)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"<h{block.level + 1}>{_text(block.text)}</h{block.level + 1}>"
    elif isinstance(block, Paragraph):
        yield f'<p class="{block.kind}">{_text(block.text)}</p>'
    elif isinstance(block, Bullets):
        yield "<ul>" + "".join(f"<li>{_text(item)}</li>" for item in block.items) + "</ul>"
    elif isinstance(block, Table):
        yield _table(block)
    elif isinstance(block, Picture):
        yield _figure(block)
    elif isinstance(block, Gallery):
        yield "".join(_figure(item, 96 // block.columns) for item in block.pictures) + _legend(block.legend)
    elif not isinstance(block, PageBreak):
        raise TypeError(block)


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col" class="{side}">{_text(cell)}</th>' for cell, side in _sided(block, block.header))
    rows = []
    for k, row in enumerate(block.rows):
        cells = "".join(f'<td class="{side}">{_text(cell, LONGEST_CELL)}</td>' for cell, side in _sided(block, row))
        rows.append(f'<tr class="strong">{cells}</tr>' if k in block.strong else f"<tr>{cells}</tr>")
    caption = f"<caption>{_text(block.caption)}</caption>" if block.caption else ""
    kind = "wide small" if block.small else "wide"
    body = "\n".join(rows)
    return f'<div class="{kind}"><table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>'


def _sided(block: Table, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(cells, block.align, strict=True)


def _figure(item: Picture, percent: int = 100) -> str:
    content = base64.b64encode(item.png).decode("ascii")
    up, across = (
        f'<div class="axis">{_text(words)}</div>' if words else "" for words in (item.vertical, item.horizontal)
    )
    return (
        f'<figure style="width:{percent}%"><figcaption>{_text(item.title)}</figcaption>{up}'
        f'<img alt="{_text(item.alt or item.title)}" src="data:image/png;base64,{content}">{across}'
        f"{_legend(item.legend)}</figure>"
    )


def _legend(legend: Sequence[Key]) -> str:
    keys = [
        f'<span class="key"><span style="color:{escape(key.color)}">{_text(key.mark)}</span> {_text(key.text)}</span>'
        for key in legend
    ]
    return f'<div class="axis">{" ".join(keys)}</div>' if keys else ""


def _files(title: str, files: Sequence[Link]) -> Iterator[str]:
    yield f'<h2 id="files">{_text(title)}</h2>\n<div class="wide"><table><tbody>'
    for item in files:
        yield (
            f'<tr><td><a href="{escape(item.path)}">{_text(item.path)}</a></td><td>{_text(item.words)}</td>'
            f'<td class="r">{_text(item.size)}</td></tr>'
        )
    yield "</tbody></table></div>"
