"""The house in a picture and a table, drawn from what the code imports.

`python docs/architecture_picture.py` (or `make pictures`) reads every import with `ast`, writes
docs/images/architecture.svg, and renews the table of folders in docs/architecture.md. Nothing is imported or run.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
PAGE = ROOT / "docs" / "architecture.md"
TABLE_BEGIN, TABLE_END = "<!-- folders: made by docs/architecture_picture.py -->\n", "<!-- end of folders -->\n"
COLUMNS = (("data",), ("envs",), ("agents", "optimizers"), ("app",))
"""Top folders from left to right; those of one column stand over each other and do not import each other."""

BOX_WIDTH, COLUMN_GAP, MARGIN, ROW_GAP, LINE = 236, 72, 22, 20, 14
GROUND, SHELL = "the ground", "the shell"


@dataclass
class House:
    """What stands where, and who uses whom.

    Attributes:
        says: box -> what it holds, in a line; a box is a folder ("app/runs") or the files beside the folders of a top
            folder: those that import none of them ("data: the ground"), and those that do ("envs: the shell").
        uses: box -> boxes of the same top folder that it imports.
        above: top folder -> top folders that it imports.
    """

    says: dict[str, str] = field(default_factory=dict)
    uses: dict[str, set[str]] = field(default_factory=dict)
    above: dict[str, set[str]] = field(default_factory=dict)


def tops() -> tuple[str, ...]:
    """The top folders, in the order of the columns."""
    return tuple(top for column in COLUMNS for top in column)


def modules() -> dict[str, Path]:
    """Module name -> file, of everything that is installed."""
    files = (path for top in tops() for path in sorted((ROOT / top).rglob("*.py")) if "build" not in path.parts)
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


def imported(path: Path, known: Iterable[str]) -> Iterator[str]:
    """The modules of the house that a file imports, wherever the import stands."""
    names = set(known)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module in names:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & names
            yield from inside or {str(node.module)}


def first_line(path: Path) -> str:
    """What the docstring of a file says first."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def folder_of(module: str, files: dict[str, Path]) -> str:
    """The folder inside its top folder that a module lies in; the top folder itself where there is none."""
    parts = module.split(".")
    deep = len(parts) > 2 or (len(parts) == 2 and files[module].name == "__init__.py")
    return "/".join(parts[:2]) if deep else parts[0]


def house() -> House:
    """Read the house from its files."""
    files = modules()
    graph = {name: set(imported(path, files)) - {name} for name, path in files.items()}
    place = {name: folder_of(name, files) for name in files}
    place |= {name: f"{name.split('.')[0]}: {_storey(name, graph, place)}" for name in files if "/" not in place[name]}
    whole = House(above={top: set() for top in tops()})
    for name, path in files.items():
        box = place[name]
        whole.uses.setdefault(box, set())
        if path.name == "__init__.py" and box == name.replace(".", "/"):
            whole.says[box] = first_line(path)
        elif ": " in box and path.name != "__init__.py":
            whole.says[box] = ", ".join(filter(None, [whole.says.get(box), path.stem]))
        for other in graph[name]:
            if other.split(".")[0] != name.split(".")[0]:
                whole.above[name.split(".")[0]].add(other.split(".")[0])
            elif place[other] != box and path.name != "__init__.py" and other not in tops():
                whole.uses[box].add(place[other])
    whole.uses = {box: used for box, used in whole.uses.items() if box in whole.says}
    return _joined(whole)


def _joined(whole: House) -> House:
    """Files that no box stands on are no ground: they go to the shell."""
    for top in tops():
        ground, shell = f"{top}: {GROUND}", f"{top}: {SHELL}"
        if ground in whole.says and shell in whole.says and not any(ground in used for used in whole.uses.values()):
            whole.says[shell] = ", ".join(sorted(f"{whole.says[shell]}, {whole.says.pop(ground)}".split(", ")))
            del whole.uses[ground]
    return whole


def _storey(name: str, graph: dict[str, set[str]], place: dict[str, str]) -> str:
    """Whether a file beside the folders stands under them (it imports none, however far one follows) or over them."""
    top, seen, ahead = name.split(".", maxsplit=1)[0], set[str](), [name]
    while ahead:
        module = ahead.pop()
        if "/" in place[module] and module.split(".")[0] == top:
            return SHELL
        fresh = {other for other in graph[module] if other.split(".")[0] == top and other not in {top, *seen}}
        seen |= fresh
        ahead += fresh
    return GROUND


def levels(boxes: list[str], uses: dict[str, set[str]]) -> dict[str, int]:
    """How high each box stands: one above the highest that it uses.

    Raises:
        ValueError: boxes use each other in a circle.
    """
    height: dict[str, int] = {}
    for _ in boxes:
        ready = [box for box in boxes if box not in height and uses[box] <= height.keys()]
        height |= {box: 1 + max((height[used] for used in uses[box]), default=-1) for box in ready}
    if len(height) < len(boxes):
        msg = f"a circle among {sorted(set(boxes) - height.keys())}"
        raise ValueError(msg)
    return height


def direct(boxes: list[str], uses: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Pairs (used, user), without those that follow from others: whoever uses the roof uses the walls."""
    reach: dict[str, set[str]] = {}
    for box in sorted(boxes, key=levels(boxes, uses).__getitem__):
        reach[box] = set().union(uses[box], *(reach[used] for used in uses[box]))
    return [
        (used, box)
        for box in boxes
        for used in sorted(uses[box])
        if not any(used in reach[other] for other in uses[box] - {used})
    ]


@dataclass(frozen=True)
class Box:
    """A rectangle of the picture, with its words."""

    name: str
    words: tuple[str, ...]
    x: float
    y: float
    height: float

    def svg(self) -> str:
        """Rectangle, name and words."""
        top, _, room = self.name.partition("/" if "/" in self.name else ": ")
        lines = [_text(self.x + 10, self.y + 18, f"{room}/" if "/" in self.name else room, "name")]
        lines += [_text(self.x + 10, self.y + 34 + LINE * row, words, "words") for row, words in enumerate(self.words)]
        shape = f'<rect class="{top}" x="{self.x}" y="{self.y}" width="{BOX_WIDTH}" height="{self.height}" rx="5"/>'
        return "\n".join([f'<g data-box="{self.name}">', shape, *lines, "</g>"])


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(words)}</text>'


def stack(top: str, whole: House, x: float, y: float) -> list[Box]:
    """The boxes of a top folder from the roof down; the first of them begins at y."""
    names = [box for box in whole.says if box.startswith((f"{top}/", f"{top}: "))]
    height = levels(names, whole.uses)
    boxes: list[Box] = []
    for name in sorted(names, key=lambda box: (-height[box], box)):
        words = tuple(textwrap.wrap(whole.says[name].replace("`", ""), 38))
        boxes.append(Box(name, words, x, y, 30 + LINE * len(words)))
        y += boxes[-1].height + ROW_GAP
    return boxes


def arrows(boxes: list[Box], whole: House) -> Iterator[str]:
    """Within a top folder: straight to the next box above, around the side to a farther one."""
    at = {box.name: box for box in boxes}
    neighbors = {(below.name, above.name) for above, below in pairwise(boxes)}
    for used, user in direct(list(at), whole.uses):
        low, high = at[used], at[user]
        if (used, user) in neighbors:
            middle = low.x + BOX_WIDTH / 2
            path = f"M {middle} {low.y} L {middle} {high.y + high.height + 5}"
        else:
            side, begin, end = low.x + BOX_WIDTH, low.y + 12, high.y + high.height - 10
            bend = side + 16 + 0.05 * (begin - end)
            path = f"M {side} {begin} C {bend} {begin - 10} {bend} {end + 10} {side + 5} {end}"
        yield f'<path class="uses" data-uses="{user} {used}" d="{path}"/>'


def drawing(whole: House) -> str:
    """The picture as SVG."""
    shapes: list[str] = []
    bottom = 0.0
    for column, names in enumerate(COLUMNS):
        x, y = MARGIN + column * (BOX_WIDTH + COLUMN_GAP), 60.0
        for top in names:
            question = first_line(ROOT / top / "__init__.py").partition(":")[0].rstrip(".")
            shapes += [_text(x, y, f"{top}/", "top"), _text(x, y + 20, question, "words")]
            boxes = stack(top, whole, x, y + 34)
            shapes += [*arrows(boxes, whole), *(box.svg() for box in boxes)]
            if column:
                shapes.append(f'<path class="flow" d="M {x - 48} {y - 7} L {x - 14} {y - 7}"/>')
            y = boxes[-1].y + boxes[-1].height + 56
        bottom = max(bottom, y - 30)
    width = 2 * MARGIN + len(COLUMNS) * BOX_WIDTH + (len(COLUMNS) - 1) * COLUMN_GAP + 10
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bottom:.0f}" role="img">'
    note = "An arrow leads from what is used to what uses it; arrows that follow from others are left out."
    return "\n".join([head, STYLE, _text(MARGIN, 24, note, "words"), *shapes, "</svg>", ""])


STYLE = """<style>
  svg { background: #ffffff; font-family: Helvetica, Arial, sans-serif; }
  .top { font-size: 20px; font-weight: bold; } .name { font-size: 13px; font-weight: bold; } .words { font-size: 11px; }
  rect { stroke: #55606e; fill: #eef1f5; }
  rect.data { fill: #e8f1e4; } rect.envs { fill: #e3eef8; } rect.agents { fill: #f6ead9; }
  rect.optimizers { fill: #f1e6f3; } rect.app { fill: #f8f3d4; }
  .uses { fill: none; stroke: #55606e; stroke-width: 1.4; marker-end: url(#head); }
  .flow { stroke: #222222; stroke-width: 3; marker-end: url(#head); }
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="5" refY="4" markerWidth="7" markerHeight="7" orient="auto"
  markerUnits="userSpaceOnUse"><path d="M 0 0 L 8 4 L 0 8 z" fill="#333333"/></marker></defs>"""


def table(whole: House) -> str:
    """The folders and what each holds, as the page lists them: those inside a folder too."""
    rows = ["| folder | holds |", "|---|---|"]
    for top in tops():
        rows.append(f"| **`{top}/`** | **{first_line(ROOT / top / '__init__.py')}** |")
        for box in stack(top, whole, 0, 0):
            is_folder = "/" in box.name
            name = f"`{box.name}/`" if is_folder else f"{box.name}, files beside the folders"
            rows.append(f"| {name} | {whole.says[box.name]} |")
            inner = sorted((ROOT / box.name).glob("*/__init__.py")) if is_folder else []
            rows += [f"| `{file.parent.relative_to(ROOT)}/` | {first_line(file)} |" for file in inner]
    return "\n".join([*rows, ""])


def page_with(new_table: str) -> str:
    """The page with its table of folders renewed."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(TABLE_BEGIN)
    _, end, after = rest.partition(TABLE_END)
    return before + begin + new_table + end + after


def main() -> None:
    """Draw the picture and renew the table."""
    whole = house()
    PICTURE.write_text(drawing(whole), encoding="utf-8")
    PAGE.write_text(page_with(table(whole)), encoding="utf-8")


if __name__ == "__main__":
    main()
