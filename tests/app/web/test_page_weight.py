"""What the room sends for a page of Beijing beside the libraries: at most 1 MB over the websocket, page by page."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from app.cli.main import main

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
MOST_BYTES = 1_000_000
HERE = Path(__file__).parent
PAGES = sorted(path.stem for path in (HERE.parents[2] / "app" / "web" / "views").glob("[a-z]*.py"))


def load_module() -> ModuleType:
    """load.py, which opens websocket sessions and lies beside this file."""
    spec = importlib.util.spec_from_file_location("room_load", HERE / "load.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["room_load"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ModuleType, int]]:
    runs = tmp_path_factory.mktemp("weight") / "runs"
    runs.mkdir()
    assert (
        main(["plan", "--city", "beijing", "--scenario", "balanced", "--front", "2", "--out", str(runs / "first")]) == 0
    )
    load = load_module()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = [sys.executable, "-c", load._PROGRAM, "app", "--port", str(port), "--runs", str(runs)]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as process:
        load.wait_for(port)
        yield load, port
        process.terminate()


async def bytes_of_page(load: ModuleType, port: int, page: str, query: str) -> int:
    """Bytes that a new session receives until the page is there."""
    async with load.visitor(port) as tab:
        tab.query = query
        await tab.rerun(name=page)
        return int(tab.bytes_received)


def test_every_page_sends_little(room: tuple[ModuleType, int]) -> None:
    load, port = room
    query = "lang=zh&run=first&plan=p001&compare=first~p001,first~keep"
    sent = {page: asyncio.run(bytes_of_page(load, port, page, query)) for page in PAGES}
    print({page: f"{size / 1e3:,.0f} kB" for page, size in sent.items()})  # noqa: T201 - for the diary
    assert {page: size for page, size in sent.items() if size > MOST_BYTES} == {}
