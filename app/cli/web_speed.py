"""How fast the room answers here: a server of its own, asked by a visitor without a browser."""

from __future__ import annotations

import contextlib
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from app.cli.serve import LOOPBACK
from app.web.shell.headless_visitor import Visitor
from app.words.language import reader_language
from data.catalogue import text
from optimizers.bench.table import Row

STARTS, EDITS, SETTLING_S = 5, 9, 8.0
_PROGRAM = [sys.executable, "-c", "import sys; from app.cli.main import main; sys.exit(main())"]
_SEARCH = ["--algorithm", "random", "--evaluations", "200", "--seed", "1", "--lang", "en"]


def room_rows(city: str, scenario: str) -> list[Row]:
    """Start, first page and edit of a room, medians of several: by the clock, and of the processor alone.

    The first is what a visitor waits, and grows with whatever else the machine does; the second hardly does.

    Args:
        city: name or path; the edits are of a plan of this city.
        scenario: preset or YAML file.
    """
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        starts = [_start(runs) for _ in range(STARTS)]
        question = ["--city", city, "--scenario", scenario, "--out", str(runs / "run")]
        subprocess.run([*_PROGRAM, "optimize", *question, *_SEARCH], check=True, stdout=subprocess.DEVNULL)
        edits = _edits(runs)
    healthy, usable, whole = (list(column) for column in zip(*starts, strict=True))
    return [
        _row(text("app_answers", reader_language(), n=STARTS), healthy, 3.0),
        _row(text("app_usable", reader_language(), n=STARTS), usable, 4.0),
        _row(text("app_complete", reader_language()), whole, None),
        _row(text("app_edit", reader_language(), city=city, n=EDITS), edits, 0.5),
    ]


def _row(quantity: str, times: list[Moment], limit: float | None) -> Row:
    clock, processor = [item.clock_s for item in times], median(item.processor_s for item in times)
    language = reader_language()
    value = text("app_times", language, median=median(clock), low=min(clock), high=max(clock), processor=processor)
    if limit is None:
        return Row(quantity, value)
    return Row(quantity, value, text("app_limit", language, seconds=limit), median(clock) <= limit)


@dataclass(frozen=True)
class Moment:
    """Time that has passed for a room.

    Attributes:
        clock_s: on the wall [s].
        processor_s: that the server's process used; NaN where the system does not say [s].
    """

    clock_s: float
    processor_s: float

    def since(self, earlier: Moment) -> Moment:
        """What has passed since an earlier moment."""
        return Moment(self.clock_s - earlier.clock_s, self.processor_s - earlier.processor_s)


@dataclass(frozen=True)
class OpenRoom:
    """A room that answers.

    Attributes:
        address: http://host:port.
        process: number of the server's process.
        begun: clock when it was started [s].
    """

    address: str
    process: int
    begun: float

    def now(self) -> Moment:
        """Time since the start."""
        try:
            fields = Path(f"/proc/{self.process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            used = math.nan
        return Moment(time.perf_counter() - self.begun, used)


@contextlib.contextmanager
def open_room(runs: Path) -> Iterator[OpenRoom]:
    """A room over a workspace on a free port, once it answers."""
    begun = time.perf_counter()
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    program = [*_PROGRAM, "app", "--port", str(port), "--runs", str(runs)]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not _healthy(port):
                if process.poll() is not None:
                    msg = f"the room ended with code {process.returncode}"
                    raise RuntimeError(msg)
                time.sleep(0.02)
            yield OpenRoom(f"http://{LOOPBACK}:{port}", process.pid, begun)
        finally:
            process.terminate()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _start(runs: Path) -> tuple[Moment, Moment, Moment]:
    """When the room answers, when the first page offers to go on, and when it is complete."""
    with open_room(runs) as room:
        healthy, seen = room.now(), []

        def look(element: Any) -> None:  # noqa: ANN401 - a protocol message
            if element.WhichOneof("type") == "button" and "-begin:" in element.button.id:
                seen.append(room.now())

        with Visitor(room.address, query="lang=en") as visitor:
            visitor.ask(on_element=look)
        return healthy, seen[0], room.now()


def _edits(runs: Path) -> list[Moment]:
    """The server's answers to edits of one village, everything of the page included."""
    answers = []
    with open_room(runs) as room, Visitor(room.address, "plan", "lang=en&run=run&plan=p001") as visitor:
        visitor.ask()
        time.sleep(SETTLING_S)
        edit = {"data": [text("plan_question_change", "en")]}
        visitor.choose(visitor.find("button_group", "plan_question").id, string_array_value=edit)
        visitor.ask()
        for year in range(1, EDITS + 1):
            visitor.choose(visitor.find("number_input", "edit:").id, double_value=float(year))
            visitor.ask()
            before = visitor.metrics()
            visitor.choose(visitor.find("button", "edit_apply").id, trigger_value=True)
            asked = room.now()
            visitor.ask()
            answers.append(room.now().since(asked))
            if visitor.metrics() == before:
                msg = f"the edit of year {year} moved nothing on the page"
                raise RuntimeError(msg)
    return answers
