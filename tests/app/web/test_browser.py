"""A real browser walks the whole path on the embedded Beijing; what it reads is compared with the run folder."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from app.people.day_map import day_map
from app.people.day_of_plan import plan_day
from app.runs.plan_files import read_plan
from app.runs.run_folder import Run, load_run
from app.web.documents.plan_edits import apply_edits, read_edits
from app.words.console import value_text
from browser_fixtures import address, browser, click, place, runs, title, until
from envs.kernel import evaluate
from envs.kernel.indicators.registry import INDICATORS

__all__ = ["address", "browser", "runs"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MAP = 'iframe[title*="village_map"]'


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
    click(browser, "See its plans")
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

    click(browser, "Change, hand on")
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
