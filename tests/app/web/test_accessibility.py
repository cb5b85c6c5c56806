"""axe-core on every page: no serious fault in what is ours; those of Streamlit's own widgets only get fewer.

`streamlit_faults.json` holds the latter, rule -> pages. A page that has lost one is to be taken out of it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
HERE = Path(__file__).parent
BASELINE = HERE / "streamlit_faults.json"
OURS = ".stMarkdown, .stHtml, .stCaptionContainer, img, .js-plotly-plot"
"""What our texts, pictures and charts become on a page; the rest of it is Streamlit's."""
MAP = 'iframe[title*="village_map"]'
RUN = """
const [exclude, ours, done] = arguments;
axe.run({exclude}, {resultTypes: ['violations']}).then(({violations}) => done(violations
  .filter(({impact}) => ['serious', 'critical'].includes(impact))
  .flatMap(({id, nodes}) => nodes.map(({target, html}) => {
    const node = document.querySelector(target[0]);
    return {id, html: html.slice(0, 200), ours: !ours || Boolean(node && node.closest(ours))};
  }))));
"""
_PROGRAM = "import sys; from app.cli.main import main; sys.exit(main())"


def pictures() -> ModuleType:
    """The module that opens pages, which lies beside this file."""
    sys.path.insert(0, str(HERE))
    try:
        spec = importlib.util.spec_from_file_location("room_pictures", HERE / "room_pictures.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(HERE))
    return module


@pytest.fixture(scope="module")
def address(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runs = tmp_path_factory.mktemp("room") / "runs"
    shutil.copytree(tiny_run, runs / "first")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = [sys.executable, "-c", _PROGRAM, "app", "--port", str(port), "--runs", str(runs)]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as process:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def faults(window: WebDriver) -> list[dict[str, Any]]:
    """Serious faults of the open page and of the maps on it."""
    source = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    window.set_script_timeout(120)
    window.execute_script(source)
    found = window.execute_async_script(RUN, [["iframe"]], OURS)
    for frame in window.find_elements(By.CSS_SELECTOR, MAP):
        window.switch_to.frame(frame)
        window.execute_script(source)
        found += window.execute_async_script(RUN, [], "")
        window.switch_to.default_content()
    return list(found)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_serious_fault_of_ours_and_streamlits_only_shrink(
    address: str, tiny_run: Path, tmp_path: Path, language: str, theme: str, width: int
) -> None:
    """Every page, wide and on a phone, by day and by night, in both languages."""
    room = pictures()
    recommended = json.loads((tiny_run / "run.json").read_text(encoding="utf-8"))["recommended"]
    plans = sorted(set(recommended.values()))
    places = {"run": "first", "plan": plans[0], "other": plans[-1]}
    ours: list[tuple[str, dict[str, Any]]] = []
    others: dict[str, set[str]] = defaultdict(set)
    with room.browser(width, 1600) as window:
        if theme == "dark":
            room.in_the_dark(window)
        for page in room.PAGES:
            picture = tmp_path / f"{page}.png"
            room.picture(window, f"{address}/{room.link(page, language, places)}", picture, settle_s=1.0)
            for fault in faults(window):
                if fault["ours"]:
                    ours.append((page, fault))
                else:
                    others[fault["id"]].add(page)
    known = {rule: set(pages) for rule, pages in json.loads(BASELINE.read_text(encoding="utf-8")).items()}
    (tmp_path / "found.json").write_text(json.dumps({rule: sorted(pages) for rule, pages in sorted(others.items())}))
    assert ours == []
    new = {rule: sorted(pages - known.get(rule, set())) for rule, pages in others.items()}
    assert {rule: pages for rule, pages in new.items() if pages} == {}
