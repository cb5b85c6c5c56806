"""The catalogue: both languages, the same places, every key used and every used key there, every place filled."""

from __future__ import annotations

import ast
import fnmatch
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.charts.plan_map import COLORINGS
from app.files.names import chart_text, plain
from data.catalogue import Spoken, catalogue, read_texts, text
from envs.kernel.indicators.registry import INDICATORS

HOUSE = Path(__file__).resolve().parents[2]
FOLDERS = ("data", "envs", "agents", "optimizers", "app")
SPEAKERS = {"text", "say", "spoken", "message", "refuse", "wrong_field"}
"""Functions whose first argument is a key, or the beginning of several."""
NOT_FILLED = {"refuse": {"file", "layer", "rows", "n_shown"}, "wrong_field": {"field"}}
"""Arguments that say where something is wrong and fill no place."""


@dataclass(frozen=True)
class Call:
    """One call of a speaker.

    Attributes:
        where: file and line.
        keys: what its first argument may be; "*" stands for what is known only when it runs.
        values: names of what fills the places; None where they are not all written there.
    """

    where: str
    keys: tuple[str, ...]
    values: frozenset[str] | None


def places(words: str) -> set[str]:
    return {name.partition(".")[0].partition("[")[0] for _, name, _, _ in string.Formatter().parse(words) if name}


@cache
def modules() -> dict[Path, ast.Module]:
    """Everything that may speak the catalogue's texts."""
    paths = [path for name in FOLDERS for path in (HOUSE / name).rglob("*.py")]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def calls() -> tuple[Call, ...]:
    return tuple(call for path, module in modules().items() for call in _calls_in(path, module))


def _calls_in(path: Path, module: ast.Module) -> Iterator[Call]:
    nodes = list(ast.walk(module))
    speakers = {
        name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(FOLDERS)
        for name in node.names
        if name.name in SPEAKERS
    }
    for node in nodes:
        if not isinstance(node, ast.Call) or not node.args:
            continue
        by_name = isinstance(node.func, ast.Name) and node.func.id in speakers
        by_method = isinstance(node.func, ast.Attribute) and node.func.attr == "say"
        if not (by_name or by_method):
            continue
        function = node.func.id if isinstance(node.func, ast.Name) else node.func.attr  # type: ignore[attr-defined]
        keys = tuple(_patterns(node.args[0], is_prefix=function == "spoken"))
        values = {word.arg for word in node.keywords} - NOT_FILLED.get(function, set())
        complete = function != "spoken" and None not in values and "key" not in values
        where = f"{path.relative_to(HOUSE)}:{node.lineno}"
        yield Call(where, keys, frozenset(str(name) for name in values) if complete else None)


def _patterns(node: ast.expr, *, is_prefix: bool = False) -> Iterator[str]:
    """The keys that an expression may be; nothing where it is a name or a message."""
    if isinstance(node, ast.Constant):
        yield f"{node.value}*" if is_prefix else str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _patterns(node.body, is_prefix=is_prefix)
        yield from _patterns(node.orelse, is_prefix=is_prefix)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
        yield f"{node.left.value}*"


def test_both_languages_say_the_same() -> None:
    """One test of all keys: one for each would cost more in keeping count than in checking."""
    missing = [key for key, entry in catalogue().items() if set(entry) != {"zh", "en"}]
    blank = [key for key, entry in catalogue().items() if not all(words.strip() for words in entry.values())]
    assert (missing, blank) == ([], [])
    other = [key for key, entry in catalogue().items() if places(entry["zh"]) != places(entry["en"])]
    assert other == []


@cache
def matching(pattern: str) -> tuple[str, ...]:
    if "*" not in pattern:
        return (pattern,) if pattern in catalogue() else ()
    return tuple(fnmatch.filter(catalogue(), pattern))


def test_every_key_in_the_code_is_in_the_catalogue() -> None:
    assert len(calls()) > 300
    unknown = [(call.where, key) for call in calls() for key in call.keys if key != "*" and not matching(key)]
    assert unknown == []


def test_every_call_fills_the_places_of_its_text() -> None:
    wrong = [
        (call.where, key, call.values)
        for call in calls()
        if call.values is not None
        for key in call.keys
        if "*" not in key and call.values != places(catalogue()[key]["en"])
    ]
    assert wrong == []


def test_every_key_in_the_catalogue_is_used() -> None:
    used = {key for call in calls() for pattern in call.keys if pattern != "*" for key in matching(pattern)}
    written = {
        node.value
        for module in modules().values()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    known = used | written
    unused = [key for key in catalogue() if key not in known and key.split(".")[0] not in INDICATORS]
    assert unused == []


def test_chinese_is_chinese() -> None:
    words = [entry["zh"] for entry in catalogue().values()]
    assert all(
        re.search(r"[一-鿿]", word)
        for word in words
        if re.search(r"[a-z]{4}", re.sub(r"\{[^}]*\}|renewal|GeoPackage|YAML", "", word))
    )


def test_colorings_have_names() -> None:
    assert [text(f"coloring_{name}", "zh") for name in COLORINGS]


HOSTILE = "![x](http://example.org/x.png) <script>alert(1)</script> `[a](b)` $x$ **b** :red[c]"


def test_hostile_names_stay_text() -> None:
    escaped = plain(HOSTILE)
    assert re.search(r"(?<!\\)[\[\]<>`$*!:]", escaped) is None
    assert "<" not in chart_text(HOSTILE)
    assert plain("朝阳区") == "朝阳区"


AS_WRITTEN = {"clauses", "sentences", "language_model"}
"""Files that quote what others wrote, or what one may type."""
_PERCENT = re.compile(r"[0-9}]%")
_FORMATTED_PERCENT = re.compile(r"\{[^{}]*%\}")


def test_percent_stand_apart_from_their_sign() -> None:
    """33.9 %, in both languages; a share that a text formats itself is set apart when it is said."""
    wrong = [
        (path.name, key)
        for path in sorted((HOUSE / "data" / "texts").glob("*.yaml"))
        if path.stem not in AS_WRITTEN
        for key, entry in read_texts(path.stem).items()
        if isinstance(entry, dict)
        for words in entry.values()
        if isinstance(words, str) and _PERCENT.search(_FORMATTED_PERCENT.sub("", words))
    ]
    assert not wrong
    assert f"{Spoken(0.3391):.1%} {Spoken(0.25):+.0%} {Spoken(12.5):.1f}" == "33.9 % +25 % 12.5"
    assert (f"{Spoken(-0.0001):.1%}", f"{Spoken(-0.001):.2f}", f"{Spoken(-0.01):.2f}") == ("0.0 %", "0.00", "-0.01")
    assert str(Spoken(0.5)) == "0.5"
    assert text("whatif_done_kept_floor", "zh", way="整治提升", facilities=0.1).endswith("10.0 %")


_BETWEEN_WORDS = re.compile(r"[:,;] |[:,;]$")
BENCHES = ("bench", "_workers", "one_run", "planned_runs", "sweep_work", "model_file", "html_page")
"""Modules whose lines are of English words, codes and marks alone."""


def test_what_code_puts_between_words_is_said_in_the_language() -> None:
    """No f-string of a page or report puts a colon or comma between words that a text says: Chinese has its own."""
    found = []
    for path, module in modules().items():
        if path.relative_to(HOUSE).parts[0] != "app" or any(name in path.stem for name in BENCHES):
            continue
        for node in ast.walk(module):
            if isinstance(node, ast.JoinedStr) and any(map(_speaks, node.values)):
                literal = [part.value for part in node.values if isinstance(part, ast.Constant)]
                if any(_BETWEEN_WORDS.search(str(part)) for part in literal):
                    found.append(f"{path.relative_to(HOUSE)}:{node.lineno}")
    assert not found


def _speaks(part: ast.expr) -> bool:
    """Whether a place is filled with a text of the catalogue."""
    names = (node.func for node in ast.walk(part) if isinstance(node, ast.Call))
    said = [_name_of(name) for name in names if isinstance(name, ast.Name | ast.Attribute)]
    return any(name in {"say", "text", "label"} or name.endswith("_text") for name in said)


def _name_of(name: ast.Name | ast.Attribute) -> str:
    return name.id if isinstance(name, ast.Name) else name.attr
