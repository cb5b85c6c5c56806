"""How long a visitor waits: `python tests/app/web/interactions.py RUN [--rounds 3] [--lang zh] [--pause 0]`; no test.

A headless browser acts in a room of its own over a copy of RUN, round after round the same way. An interaction lasts
from the click until nothing arrives or changes any more and the script has ended: *page* without, *map* with what the
map draws after it (in software here). What a grid writes for screen readers 0.2 s after it is drawn does not count.
*Server* is from the message sent to the last one that arrives, *processor* what the room's process used. The first
round opens every page for the first time and is told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from load import _PROGRAM, processor_s, wait_for  # beside this file
from screenshots import browser
from selenium.webdriver.remote.webdriver import WebDriver

from app.runs.run_folder import load_run
from app.words.console import money_scale
from data.catalogue import text

WATCH = Path(__file__).with_name("watched_page.js")
QUIET_MS, PATIENCE_MS = 600, 60_000
LIMITS_S = (0.3, 1.0)
"""Median and 95th percentile that are wanted."""
PAGES = ("start", "front", "plan", "compare", "diagnosis", "scenario", "search", "front", "plan", "start")
WITH_MAP = ("start", "front", "plan", "diagnosis")
QUESTIONS = ("which", "cost", "gain", "losers", "wrong", "why", "change", "glance")
SIZE = (1280, 1600)
Act = tuple[str, str, bool]
"""Kind of interaction, what is done in the browser, whether the room is asked."""


class Reader:
    """Acts, and notes how long each took.

    Attributes:
        window: the browser.
        process: number of the room's.
        language: of the reader.
        rounds: kind -> measurements, one list for each round.
    """

    def __init__(self, window: WebDriver, process: int, language: str) -> None:
        self.window, self.process, self.language = window, process, language
        self.rounds: list[dict[str, list[dict[str, float]]]] = []

    def act(self, kind: str, script: str, *, asks: bool = True, opened: bool = False, maps: bool = False) -> None:
        """Do it in the browser, and wait until the page is still.

        Args:
            kind: under which it is noted.
            script: of the browser; what it returns is what went wrong.
            asks: the room is asked.
            opened: it began when the browser asked for the page.
            maps: there is a map at its end.

        Raises:
            RuntimeError: it could not be done, or the page did not come to rest.
        """
        before = processor_s(self.process)
        options = {"asks": asks, "opened": opened, "maps": maps, "quiet_ms": QUIET_MS, "patience_ms": PATIENCE_MS}
        told: dict[str, Any] = self.window.execute_async_script(
            f"window.measure(() => {{ {script} }}, {json.dumps(options)}, arguments[arguments.length - 1])"
        )
        if failed := told.pop("failed"):
            msg = f"{kind}: {failed}, {script}"
            raise RuntimeError(msg)
        self.rounds[-1][kind].append(told | {"processor_s": processor_s(self.process) - before})

    def words(self, key: str, **values: object) -> str:
        """A text of the room."""
        return text(key, self.language, **values)

    def press(self, kind: str, words: str, among: str = "button", *, maps: bool = False) -> None:
        """Press what shows these words."""
        self.act(
            kind,
            f"const found = [...document.querySelectorAll({json.dumps(among)})].find((one) => !one.disabled && "
            f"one.textContent.trim() === {json.dumps(words)}); if (!found) return 'not there'; found.click();",
            maps=maps,
        )

    def page(self, name: str) -> None:
        """Another page through the navigation."""
        link = '[data-testid="stSidebarNavLink"]'
        self.press(f"page {name}", self.words(f"page_{name}"), link, maps=name in WITH_MAP)

    def round(self, number: int) -> None:
        """All interactions once."""
        self.rounds.append(defaultdict(list))
        for name in PAGES:
            self.page(name)
            self.on_page(name, number)
        other = {"zh": "English", "en": "中文"}[self.language]
        own = {"zh": "中文", "en": "English"}[self.language]
        for words in (other, own):
            self.press("language", words, 'section[data-testid="stSidebar"] label')

    def on_page(self, name: str, number: int) -> None:
        """What is done on a page."""
        if name in WITH_MAP:
            self.wait_for_map()
            self.act(f"village on page {name}", f"return window.pressVillage({7 * number + 3});")
        if name == "front":
            self.on_front()
        if name == "plan":
            self.act("year of the map", f"return window.moveYear({(number % 4 + 1) / 5});", asks=False)
            for question in QUESTIONS:
                self.press(f"question {question}", self.words(f"plan_question_{question}"), BUTTONS)

    def wait_for_map(self) -> None:
        """Until a map is there and drawn, should a page that seemed still have been drawn anew."""
        all_drawn = (
            "const maps = window.mapFrames(); return maps.length && maps.every((map) => map.watched_map?.loaded())"
        )
        for _ in range(100):
            if self.window.execute_script(all_drawn):
                return
            time.sleep(0.2)

    def on_front(self) -> None:
        """Another candidate, a limit on cost, a slider of the filter."""
        self.press("candidate in hand", self.words("candidates_take"))
        _, unit = money_scale("CNY", self.language)
        label = self.words("candidates_cost", unit=unit)
        for value in ("9999999", ""):
            self.act("limit on cost", TYPE.format(label=json.dumps(label), value=json.dumps(value)))
        self.press("tool of the front", self.words("front_tools_brush"), BUTTONS)
        self.act("fold opened", OPEN.format(words=json.dumps(self.words("brush_by_number"))), asks=False)
        self.act("slider of the filter", SLIDE.format(words=json.dumps(self.words("brush_by_number"))))
        self.press("filter cleared", self.words("brush_clear"))
        self.press("tool of the front", self.words("front_tools_ways"), BUTTONS)


BUTTONS = '[data-testid="stButtonGroup"] button'
TYPE = """
const field = document.querySelector(`input[aria-label^="${{{label}}}"]`);
if (!field) return "no field";
Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, {value});
field.dispatchEvent(new Event("input", {{ bubbles: true }}));
field.dispatchEvent(new KeyboardEvent("keydown", {{ key: "Enter", code: "Enter", bubbles: true }}));
"""
OPEN = """
const fold = [...document.querySelectorAll("details")].find((one) => one.textContent.includes({words}));
if (!fold) return "no fold";
fold.querySelector("summary").click();
"""
SLIDE = """
const fold = [...document.querySelectorAll("details")].find((one) => one.textContent.includes({words}));
if (!fold) return "no sliders";
const thumb = fold.querySelector('input[type="range"]');
if (!thumb) return "no thumb";
thumb.focus();
const arrow = {{ key: "ArrowRight", code: "ArrowRight", keyCode: 39, bubbles: true }};
for (const kind of ["keydown", "keyup"]) thumb.dispatchEvent(new KeyboardEvent(kind, arrow));
"""


@contextmanager
def room(run: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a room over a copy of the run."""
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        shutil.copytree(run, runs / "first")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        program = [sys.executable, "-c", _PROGRAM, "app", "--port", str(port), "--runs", str(runs)]
        with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as process:
            try:
                wait_for(port)
                yield f"http://127.0.0.1:{port}", process.pid
            finally:
                process.terminate()


def column(rows: list[dict[str, float]], name: str, ranked: Callable[[list[float]], float]) -> float:
    """One figure of several measurements."""
    return ranked([row[name] for row in rows])


def p95(values: list[float]) -> float:
    """The 95th percentile, one of the values."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(0.95 * (len(ranked) - 1)))]


def table(rounds: list[dict[str, list[dict[str, float]]]]) -> str:
    """Kinds of interaction, a row each, and all."""
    by_kind: dict[str, list[dict[str, float]]] = defaultdict(list)
    for measured in rounds:
        for kind, rows in measured.items():
            by_kind[kind] += rows
    every = [row for rows in by_kind.values() for row in rows]
    lines = [
        "| interaction | n | page median s | page p95 s | map median s | map p95 s | server s | processor s | kB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, rows in {"all": every, **by_kind}.items():
        figures = [
            column(rows, name, ranked)
            for name, ranked in (
                ("page_s", statistics.median),
                ("page_s", p95),
                ("map_s", statistics.median),
                ("map_s", p95),
                ("server_s", statistics.median),
                ("processor_s", statistics.median),
            )
        ]
        sent = column(rows, "sent_bytes", max) / 1e3
        lines.append(f"| {kind} | {len(rows)} | " + " | ".join(f"{x:.2f}" for x in figures) + f" | {sent:,.0f} |")
    return "\n".join(lines)


def report(reader: Reader, language: str) -> str:
    """The tables: what was done for the first time, and after it."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    parts = [f"{machine}, load {os.getloadavg()[0]:.1f}, {language}, {SIZE[0]} pixels"]
    for name, rounds in (("first time", reader.rounds[:2]), ("after it", reader.rounds[2:])):
        if any(rounds):
            parts += [f"{name}:", table(rounds)]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Open the room, act, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lang", default="zh", choices=("zh", "en"))
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between rounds, for others on the machine")
    parser.add_argument("--keep", type=Path, help="file for the measurements as JSON")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped before the end"))
    plan = load_run(given.run).plan_ids[0]
    with room(given.run) as (address, process), browser(*SIZE) as window:
        window.set_script_timeout(PATIENCE_MS / 1000 + 10)
        window.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH.read_text(encoding="utf-8")})
        window.get(f"{address}/?lang={given.lang}&run=first&plan={plan}")
        reader = Reader(window, process, given.lang)
        try:
            reader.rounds.append(defaultdict(list))
            reader.act("the room is opened", "", opened=True, maps=True)
            time.sleep(5.0)  # it reads ahead
            for number in range(given.rounds + 1):
                reader.round(number)
                time.sleep(given.pause)
        finally:  # also of what was stopped before its end
            sys.stdout.write(report(reader, given.lang))
    if given.keep:
        given.keep.write_text(json.dumps(reader.rounds), encoding="utf-8")


if __name__ == "__main__":
    main()
