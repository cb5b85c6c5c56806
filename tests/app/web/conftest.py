"""A room over a workspace with one short run of the small city, opened page by page in both languages."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.cli.main import main
from app.web.documents.workspace import FOLDER_VARIABLE, Workspace

MAIN = Path(__file__).resolve().parents[3] / "app" / "web" / "main.py"
Open = Callable[..., AppTest]
MAIN_MODULE = sys.modules["__main__"]
"""Of the tests, before any page has run."""


@pytest.fixture(autouse=True)
def _main_module_put_back() -> Iterator[None]:
    """Streamlit makes a page its process's `__main__` and leaves it there; what is spawned later would run the page."""
    yield
    sys.modules["__main__"] = MAIN_MODULE


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "first"
    options = ["--city", "tiny", "--scenario", "tiny", "--evaluations", "300", "--seed", "3"]
    assert main(["optimize", *options, "--out", str(out)]) == 0
    return out


@pytest.fixture
def workspace(tmp_path: Path, tiny_run: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with the run `first`."""
    folder = tmp_path / "runs"
    shutil.copytree(tiny_run, folder / "first")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    monkeypatch.setattr("app.web.shell.page_frame.start_queue_thread", lambda workspace: None)
    return Workspace(folder)


@pytest.fixture
def open_page(workspace: Workspace) -> Open:
    """Open a page with a query string."""

    def call(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(f"views/{page}.py").run()

    return call


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue starts nothing: a test carries out its orders itself (room_fixtures.carry_out)."""
    monkeypatch.setattr("app.web.jobs.queue.start_process", lambda workspace, job: None)
