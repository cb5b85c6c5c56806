"""The page of parameters, written from the book: how sure its values are, and each with its source.

`python docs/parameters_page.py` (or `make pictures`) writes docs/parameters.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from data.importing.defaults import FILLS_FILE, fill_book
from data.parameter import CONFIDENCES, confidence_text
from data.parameter_book import PARAMETERS_FOLDER, Book, load_book
from data.strict_yaml import read_mapping

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "parameters.md"
HEAD = """# Parameters and how sure they are

<!-- made by docs/parameters_page.py from data/parameters/: change the book, then run it -->

Every assumption of the model is a key of the parameter book. A scenario may change any of them under `parameters`.
`renewal scenario show balanced` prints this table in your language, and so does the page *Assumptions* of
[the room](room.md). The equations that read the keys stand in [the model and our choices](model-choices.md).

Each value has a letter. S was read in the source named. C was computed from data, as the source says. M is from memory:
no source was found yet. E is an estimate or a choice of ours, where the source may name the figures that it lies
between. What was looked up, and where, is in [the diary](lab/2026-11-29-parameters.md).
"""
IMPORTS = """Values that only an import fills in, where a file does not give them and no key above does; they stand in
`data/importing/fills.yaml`, a mapping replaces them, and a scenario knows nothing of them.
"""
CHAPTERS = {path.stem: path for path in sorted(PARAMETERS_FOLDER.glob("*.yaml"))}


def page(book: Book) -> str:
    """The whole page."""
    facts = set(book.facts)
    keys = {name: tuple(key for key in read_mapping(path) if key in facts) for name, path in CHAPTERS.items()}
    parts = [HEAD, *counts(book, keys), *(line for name, own in keys.items() for line in chapter(name, own, book))]
    head, *table = chapter("imports", tuple(read_mapping(FILLS_FILE)), fill_book())
    parts += [head, IMPORTS, *table]
    return "\n".join(parts) + "\n"


def counts(book: Book, keys: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Letters by file."""
    yield "## Letters\n"
    yield "| file | " + " | ".join(f"{letter}, {confidence_text(letter, 'en')}" for letter in CONFIDENCES) + " | all |"
    yield "|---|" + "---:|" * (len(CONFIDENCES) + 1)
    for name, own in keys.items():
        letters = [book[key].confidence for key in own]
        yield _row(f"`{name}.yaml`", *(letters.count(letter) or "" for letter in CONFIDENCES), len(own))
    yield _row("all", *book.letter_counts().values(), len(book.facts)) + "\n"


def chapter(name: str, keys: tuple[str, ...], book: Book) -> Iterator[str]:
    """One file: a row per fact; what no equation reads says so."""
    yield f"## {name.capitalize()}\n"
    yield "| key | what | value | low to high | unit | letter | source |"
    yield "|---|---|---|---|---|---|---|"
    for key in keys:
        entry = book[key]
        spread = "" if entry.low is None or entry.high is None else f"{entry.low:g} to {entry.high:g}"
        year = f" ({entry.year})" if entry.year and str(entry.year) not in entry.source else ""
        what = entry.label_en if entry.is_read else f"{entry.label_en} (no equation reads it)"
        what += f" (read by {entry.read_by} alone)" if entry.read_by else ""
        yield _row(f"`{key}`", what, entry.value_text, spread, entry.unit, entry.confidence, entry.source + year)
    yield ""


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(load_book()), encoding="utf-8")
