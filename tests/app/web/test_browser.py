"""A real browser walks the whole path on the embedded Beijing; what it reads is compared with the run folder."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from app.people.day_map import day_map
from app.people.day_of_plan import plan_day
from app.runs.plan_files import read_plan
from app.runs.run_folder import Run, load_run
from app.web.documents.plan_edits import apply_edits, read_edits
from app.words.console import value_text
from envs.kernel import evaluate
from envs.kernel.indicators.registry import INDICATORS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1800",
)
_PROGRAM = "import sys; from app.cli.main import main; sys.exit(main())"
PATIENCE_S = 120.0
MAP = 'iframe[title*="village_map"]'


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("room") / "runs"


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = [sys.executable, "-c", _PROGRAM, "app", "--port", str(port), "--runs", str(runs)]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as process:
        until(lambda: _healthy(port))
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    program, driver = (shutil.which(name) for name in ("chromium", "chromedriver"))
    missing = "Debian's packages chromium and chromium-driver are needed (see .ci/run)"
    assert program, missing
    assert driver, missing
    options = webdriver.ChromeOptions()
    options.binary_location = program
    downloads = str(tmp_path_factory.mktemp("downloads"))
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": downloads})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    window = webdriver.Chrome(options=options, service=Service(driver))
    window.downloads = downloads  # type: ignore[attr-defined]
    yield window
    window.quit()


def until(found: Callable[[], Any], *, seconds: float = PATIENCE_S) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            value = found()
        except Exception:
            value = None
        if value:
            return value
        time.sleep(0.3)
    raise AssertionError("waited in vain")


def button(browser: WebDriver, words: str) -> WebElement:
    path = f"//button[not(@disabled)][normalize-space()='{words}']"
    return until(lambda: browser.find_element(By.XPATH, path))


def click(browser: WebDriver, words: str) -> None:
    def press() -> bool:
        found = button(browser, words)
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", found)
        return True

    until(press)


def type_into(browser: WebDriver, label: str, value: float) -> None:
    """Type a number into a field by keyboard alone."""

    def typed() -> bool:
        field = browser.find_element(By.CSS_SELECTOR, f'input[aria-label^="{label}"]')
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
        field.click()
        field.send_keys(Keys.CONTROL + "a" + Keys.NULL, str(value), Keys.TAB)
        return float(field.get_attribute("value") or "nan") == value

    until(typed)
    time.sleep(2.0)


def title(browser: WebDriver) -> str:
    return browser.find_element(By.CSS_SELECTOR, "h1").text


def place(browser: WebDriver) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(browser.current_url).query).items()}


def metric(browser: WebDriver, label: str) -> str:
    for item in browser.find_elements(By.CSS_SELECTOR, '[data-testid="stMetric"]'):
        if item.find_element(By.CSS_SELECTOR, '[data-testid="stMetricLabel"]').text.strip() == label:
            return item.find_element(By.CSS_SELECTOR, '[data-testid="stMetricValue"]').text.strip()
    return ""


def choose_on_map(browser: WebDriver, village: str) -> None:
    """Find a village on the map by its id, which chooses it as a click does; once more where the page drew it anew."""
    chosen = (
        "return [...document.querySelectorAll('[data-testid=\"stSelectbox\"]')].some((box) =>"
        " `${box.textContent} ${box.querySelector('input')?.value}`.includes(arguments[0]))"
    )

    def found() -> bool:
        browser.switch_to.default_content()
        browser.switch_to.frame(browser.find_element(By.CSS_SELECTOR, MAP))
        browser.find_element(By.CSS_SELECTOR, "html[data-drawn]")
        field = browser.find_element(By.ID, "find")
        field.clear()
        field.send_keys(village, Keys.ENTER)
        browser.switch_to.default_content()
        return bool(until(lambda: browser.execute_script(chosen, village), seconds=15.0))

    until(found)


def hour_on_map(browser: WebDriver, hour: int) -> str:
    """What the map says of an hour once its slider is there."""
    move = (
        "const slider = document.getElementById('year'); slider.value = arguments[0];"
        " slider.dispatchEvent(new Event('input')); return document.getElementById('now').textContent"
    )

    def said() -> str:
        browser.switch_to.default_content()
        browser.switch_to.frame(browser.find_element(By.CSS_SELECTOR, MAP))
        browser.find_element(By.CSS_SELECTOR, "html[data-drawn]")
        told = str(browser.execute_script(move, hour))
        browser.switch_to.default_content()
        return told if told.startswith(f"{hour:02d}:00") else ""

    return str(until(said))


def outside_requests(browser: WebDriver, address: str) -> list[str]:
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    own = (address, address.replace("http", "ws"), "data:", "blob:", "about:", "chrome")
    return [url for url in asked if not url.startswith(own)]


def shown_objectives(browser: WebDriver, run: Run, values: dict[str, float], language: str) -> None:
    for name in run.resolved.scenario.objectives:
        item = INDICATORS[name]
        expected = value_text(values[name], item.unit, language)
        until(lambda item=item, expected=expected: metric(browser, item.label[language]) == expected)


def test_the_whole_path(browser: WebDriver, address: str, runs: Path) -> None:
    """Preset, search, front, plan, edit, export, compare, reload, return by link, the other language."""
    browser.get(f"{address}/scenario?lang=en")
    click(browser, "Search with this scenario")
    until(lambda: title(browser) == "Search")
    type_into(browser, "Minutes", 0.15)
    click(browser, "Start the search")
    click(browser, "Open the front")
    until(lambda: title(browser) == "Front")
    run_id = until(lambda: place(browser).get("run"))
    run = load_run(runs / run_id)
    assert run.record.status == "completed"
    plan_id = until(lambda: place(browser).get("plan"))
    assert plan_id == run.record.recommended["balanced"]
    text = browser.find_element(By.CSS_SELECTOR, '[data-testid="stMain"]').text
    assert f"{len(run.plan_ids)} plans on the front" in text

    click(browser, f"Open plan {plan_id}")
    until(lambda: title(browser) == f"Plan {plan_id}")
    row = run.front.iloc[run.plan_ids.index(plan_id)]
    shown_objectives(browser, run, {name: float(row[name]) for name in run.resolved.scenario.objectives}, "en")

    click(browser, "Who gains, who loses")
    click(browser, "A day")
    of_plan = day_map(plan_day(run.resolved, run.plan(plan_id)), "before", "en").frames
    assert of_plan is not None
    assert hour_on_map(browser, 3) == of_plan.labels[3]

    click(browser, "Change, hand on")
    click(browser, "Edit")
    village = str(run.resolved.city.villages.village_id[1])
    choose_on_map(browser, village)
    wanted = 0 if int(run.plan(plan_id).start_year[0, 1]) else 3
    type_into(browser, "Start year", wanted)
    click(browser, "Apply")
    until(lambda: "edited villages: 1" in title(browser))
    edit_id = until(lambda: place(browser).get("edit"))
    edits = read_edits(json.loads((runs / ".room" / "edit" / f"{edit_id}.json").read_text(encoding="utf-8"))["edits"])
    assert edits[village].start_year == wanted
    edited = apply_edits(run.plan(plan_id), run.resolved.city, edits)
    measured = {name: float(column[0]) for name, column in evaluate(run.resolved, edited).values.items()}
    shown_objectives(browser, run, measured, "en")

    link = browser.current_url
    browser.refresh()
    until(lambda: "edited villages: 1" in title(browser))
    shown_objectives(browser, run, measured, "en")

    click(browser, "Export")
    click(browser, "Download CSV")
    path = until(lambda: next(iter(Path(browser.downloads).glob("*.csv"))))  # type: ignore[attr-defined]
    again = read_plan(path, run.resolved.city, run.resolved.scenario.plan_years)
    assert all(np.allclose(a, b) for a, b in zip(again.columns, edited.columns, strict=True))

    browser.get(f"{address}/compare?lang=en&compare={run_id}~{plan_id},{run_id}~{plan_id}~{edit_id}")
    click(browser, "Villages in common")
    both = int(((run.plan(plan_id).start_year > 0) & (edited.start_year > 0)).sum())
    shared = f"All 2 plans renew {both} villages."
    until(lambda: shared in browser.find_element(By.CSS_SELECTOR, '[data-testid="stMain"]').text)

    browser.get(link.replace("lang=en", "lang=zh"))
    until(lambda: title(browser) == f"方案 {plan_id} · 已编辑 1 个村")
    shown_objectives(browser, run, measured, "zh")
    assert outside_requests(browser, address) == []
