"""How the room answers under load: `python tests/app/web/load.py RUN [--sessions 20] [--seconds 180]`; no test.

Websocket clients speak the browser's protocol to a room of their own: each opens a plan of RUN by its link and then
moves sliders, changes sections and pages, edits and compares, with a pause after every answer; a search runs beside
it, niced as always. An interaction lasts from the message sent until the server says that the script has finished.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import platform
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from app.charts.plan_map import COLORINGS
from app.runs.run_folder import load_run
from app.web.documents.workspace import Workspace
from app.web.jobs.commands import SearchOrder
from app.web.jobs.job_record import ACTIVE, JobState, read_job
from app.web.jobs.queue import cancel_job, job_state, submit_job
from data.catalogue import text
from data.scenario_files import load_scenario

THINK_S = 5.0
PATIENCE_S = 120.0
WIDGETS = ("slider", "number_input", "button", "selectbox", "button_group")
QUESTIONS = ("glance", "which", "cost", "gain", "wrong", "change")
EXPECTED = text("rules_broken_which", "en", rules="").split(";")[0]
"""Begins the answer to an edit that exceeds a limit: no error of the room's."""
_PROGRAM = "import sys; from app.cli.main import main; sys.exit(main())"


class VisitError(Exception):
    """The page had an error, or no answer came."""


@dataclass
class Visitor:
    """One browser tab.

    Attributes:
        socket: its connection.
        states: widget id -> what this tab has set.
        elements: widget id -> kind, widget, fragment.
        pages: path -> hash.
        query: the address.
        repeats: fragment -> interval of its own reruns [s].
        page: hash of the page it is on.
        bytes_received: so far.
        asked: fragment that runs now; empty for the whole page.
    """

    socket: ClientConnection
    states: dict[str, WidgetState] = field(default_factory=dict)
    elements: dict[str, tuple[str, Any, str]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    query: str = ""
    repeats: dict[str, float] = field(default_factory=dict)
    page: str = ""
    bytes_received: int = 0
    asked: str = ""

    async def rerun(self, *, fragment: str = "", name: str = "", automatic: bool = False) -> float:
        """Ask for a run of the script or of a fragment; the time until it has finished [s]."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self.query, self.page, name
        state.fragment_id, state.is_auto_rerun = fragment, automatic
        state.widget_states.widgets.extend(self.states.values())
        self.asked = fragment
        began = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        await asyncio.wait_for(self._finished(), PATIENCE_S)
        return time.perf_counter() - began

    async def _finished(self) -> None:
        while True:
            data = await self.socket.recv()
            self.bytes_received += len(data)
            message = ForwardMsg()
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            self._take(message)
            kind = message.WhichOneof("type")
            if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise VisitError("the script does not compile")
                return

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session" and not self.asked:
            self.elements, self.repeats = {}, {}
            self.page = message.new_session.page_script_hash
        elif kind == "navigation":
            self.pages = {p.url_pathname or "scenario": p.page_script_hash for p in message.navigation.app_pages}
            self.page = message.navigation.page_script_hash or self.page
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.repeats[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            name = element.WhichOneof("type")
            if name in WIDGETS:
                widget = getattr(element, name)
                self.elements[widget.id] = (name, widget, message.delta.fragment_id)
            elif name == "exception":
                raise VisitError(element.exception.message)
            elif name == "alert" and element.alert.format == 1 and not element.alert.body.startswith(EXPECTED):
                raise VisitError(element.alert.body)

    def find(self, key: str, kind: str) -> tuple[Any, str]:
        """A widget whose key begins so, and its fragment."""
        for identity, (name, widget, fragment) in self.elements.items():
            if name == kind and (identity.endswith(f"-{key}") or f"-{key}:" in identity):
                return widget, fragment
        raise VisitError(f"no {kind} {key}")

    async def change(self, key: str, kind: str, value: Any) -> float:
        """Set a widget, as a person does."""
        widget, fragment = self.find(key, kind)
        state = WidgetState(id=widget.id)
        if kind == "slider" or (kind == "number_input" and value is not None):
            target = state.double_array_value.data if kind == "slider" else None
            if target is not None:
                target.append(float(value))
            else:
                state.double_value = float(value)
        elif kind == "button":
            state.trigger_value = True
        elif kind == "selectbox":
            state.string_value = str(value)
        else:
            state.string_array_value.data.append(str(value))
        self.states[widget.id] = state
        try:
            return await self.rerun(fragment=fragment)
        finally:
            if kind == "button":
                del self.states[widget.id]

    async def go(self, path: str) -> float:
        """Another page through the navigation."""
        self.page = self.pages[path]
        return await self.rerun(name=path)

    async def think(self, seconds: float) -> None:
        """Pause; the page's own repeats go on."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self.repeats:
                await asyncio.sleep(left)
                return
            fragment, interval = next(iter(self.repeats.items()))
            await asyncio.sleep(min(interval, left))
            if left > interval:
                await self.rerun(fragment=fragment, automatic=True)


@dataclass
class Tally:
    """What was measured: kind of interaction -> seconds; what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lost: list[str] = field(default_factory=list)
    received: int = 0
    cpu_s: float = 0.0

    @property
    def interactions(self) -> int:
        """How many there were, opening included."""
        return sum(map(len, self.seconds.values()))


@asynccontextmanager
async def visitor(port: int) -> AsyncIterator[Visitor]:
    """A tab that is open while the block runs."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with connect(
        address, subprotocols=["streamlit"], max_size=None, open_timeout=60, ping_timeout=None
    ) as socket:
        yield Visitor(socket)


async def visit(port: int, number: int, links: list[str], end: float, tally: Tally, years: int) -> None:
    """One session: open a link, then act until the end."""
    chance = random.Random(number)
    try:
        await asyncio.sleep(number * THINK_S / 10)
        async with visitor(port) as tab:
            tab.query = links[number % len(links)]
            tally.seconds["open a plan by its link"].append(await tab.rerun(name="plan"))
            await tab.think(THINK_S)
            for name, act in itertools.cycle(actions(chance, tab, years)):
                if time.monotonic() > end:
                    break
                tally.seconds[name].append(await act())
                await tab.think(THINK_S)
            tally.received += tab.bytes_received
    except Exception as error:
        tally.lost.append(f"session {number}: {type(error).__name__} {error}")


def asked(question: str) -> str:
    """How a question about a plan is shown."""
    return text(f"plan_question_{question}", "en")


def actions(chance: random.Random, tab: Visitor, years: int) -> list[tuple[str, Callable[[], Any]]]:
    """What a visitor does, one after the other, again and again."""

    def coloring() -> Any:
        return tab.change("coloring", "button_group", text(f"coloring_{chance.choice(COLORINGS)}", "en"))

    def section() -> Any:
        return tab.change("plan_question", "button_group", asked(chance.choice(QUESTIONS)))

    def village() -> Any:
        options = list(tab.find("edit_village", "selectbox")[0].options)
        return tab.change("edit_village", "selectbox", chance.choice(options))

    def start_year() -> Any:
        widget = next(w for kind, w, _ in tab.elements.values() if kind == "number_input" and w.id.endswith(":year"))
        return tab.change(widget.id.rpartition("-")[2], "number_input", chance.randint(1, years))

    def front_plan() -> Any:
        options = list(tab.find("plan", "selectbox")[0].options)
        return tab.change("plan", "selectbox", chance.choice(options))

    return [
        ("coloring of the map", coloring),
        ("coloring of the map", coloring),
        ("section of the plan", section),
        ("section of the plan", section),
        ("section of the plan", lambda: tab.change("plan_question", "button_group", asked("change"))),
        ("choose a village", village),
        ("edit: start year", start_year),
        ("edit: apply", lambda: tab.change("edit_apply", "button", True)),
        ("front page", lambda: tab.go("front")),
        ("another plan on the front", front_plan),
        ("compare page", lambda: tab.go("compare")),
        ("compare: add the plan", lambda: tab.change("compare_current", "button", True)),
        ("scenario page", lambda: tab.go("scenario")),
        ("search page", lambda: tab.go("search")),
        ("plan page", lambda: tab.go("plan")),
        ("back to the map", lambda: tab.change("plan_question", "button_group", asked("glance"))),
    ]


def report(tally: Tally, sessions: int, seconds: float, search: str) -> str:
    """The table, as docs/measurements.md has it."""
    inner = [value for name, values in tally.seconds.items() if not name.startswith("open") for value in values]
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {sessions} sessions, "
        f"{seconds:g} s, {THINK_S:g} s think time; search beside it: {search}",
        "",
        "| interaction | n | median s | p95 s | largest s |",
        "|---|---|---|---|---|",
        row("all but opening", inner),
    ]
    lines += [row(name, values) for name, values in tally.seconds.items()]
    each = tally.cpu_s / max(1, tally.interactions)
    lines += [
        "",
        f"sessions lost: {len(tally.lost)}; received {tally.received / 1e6:,.0f} MB; the room's processor time "
        f"{tally.cpu_s:,.0f} s, {each:.2f} s an interaction; load average now {os.getloadavg()[0]:.1f}",
    ]
    return "\n".join([*lines, *tally.lost])


def row(name: str, values: list[float]) -> str:
    """One kind of interaction."""
    ranked = sorted(values) or [float("nan")]
    p95 = ranked[min(len(ranked) - 1, round(0.95 * (len(ranked) - 1)))]
    return f"| {name} | {len(values)} | {statistics.median(ranked):.2f} | {p95:.2f} | {ranked[-1]:.2f} |"


async def measure(port: int, sessions: int, seconds: float, links: list[str], years: int) -> Tally:
    """All visitors at once."""
    tally, end = Tally(), time.monotonic() + seconds
    await asyncio.gather(*(visit(port, k, links, end, tally, years) for k in range(sessions)))
    return tally


def main() -> None:
    """Make a workspace of the run, start search and room, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--no-search", action="store_true")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped before the end"))
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "runs")
        shutil.copytree(given.run, workspace.run_folder("first"))
        run = load_run(workspace.run_folder("first"))
        links = [f"lang=en&run=first&plan={plan}" for plan in run.plan_ids[:: max(1, len(run.plan_ids) // 20)]]
        years = run.resolved.scenario.plan_years
        city = str(run.record.city.embedded)
        name = ""
        if not given.no_search:
            order = SearchOrder(city, "hybrid", 1, None, given.seconds / 60.0 + 5.0)
            name = submit_job(workspace, order, load_scenario(run.record.scenario))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        program = [sys.executable, "-c", _PROGRAM, "app", "--port", str(port), "--runs", str(workspace.folder)]
        with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as room:
            try:
                wait_for(port)
                asyncio.run(measure(port, 1, 15.0, links, years))  # the first visitor starts the queue
                if name:
                    wait_until_running(workspace, name)
                before = processor_s(room.pid)
                tally = asyncio.run(measure(port, given.sessions, given.seconds, links, years))
                tally.cpu_s = processor_s(room.pid) - before
                where = str(job_state(workspace, known)) if name and (known := read_job(workspace, name)) else "none"
                sys.stdout.write(report(tally, given.sessions, given.seconds, where) + "\n")
            finally:
                cancel_job(workspace, name or "none")
                time.sleep(2.0 if name else 0.0)
                room.terminate()
                stop(workspace, name)


def processor_s(pid: int) -> float:
    """Processor time of a process [s]; Linux."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(port: int) -> None:
    """Until the room answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)


def wait_until_running(workspace: Workspace, name: str) -> None:
    """Until the queue has started the search."""
    for _ in range(100):
        job = read_job(workspace, name)
        if job is not None and job_state(workspace, job) is JobState.RUNNING:
            return
        time.sleep(0.2)


def stop(workspace: Workspace, name: str) -> None:
    """End the search for good."""
    job = read_job(workspace, name) if name else None
    if job is not None and job.pid and job_state(workspace, job) in ACTIVE:
        os.kill(job.pid, 9)


if __name__ == "__main__":
    main()
