"""A newcomer finds, from the first page alone, the best plan for services under a limit on cost, and its price."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from app.plans.tenants_cost import tenants_line
from app.runs.run_folder import load_run
from app.words.console import money_scale
from browser_fixtures import address, browser, place, runs, title, until
from data.catalogue import text
from data.scenario_files import load_scenario
from envs.kernel.indicators.registry import INDICATORS

__all__ = ["address", "browser", "runs"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MOST_CLICKS = 12
LIMIT_CNY = 3e11
SERVICES, COST = "service_accessibility", "total_cost_cny"
CARD = "//div[contains(@class,'st-key-preset_accessibility')]"
PICTURES = os.environ.get("RENEWAL_PICTURES", "")
"""Folder in which what each try sees at its end is kept; empty for none."""


@dataclass
class Newcomer:
    """Somebody who has never seen the room: presses what it can read, and counts.

    Attributes:
        window: the browser.
        language: of the reader.
        name: of the try, for its pictures.
        clicks: so far; typing into a field counts as the click that leads there.
    """

    window: WebDriver
    language: str
    name: str
    clicks: int = 0

    def press(self, words: str, within: str = "//body") -> None:
        """Press the first button with these words."""
        path = f"{within}//button[not(@disabled)][normalize-space()={words!r}]"

        def pressed() -> bool:
            found = self.window.find_element(By.XPATH, path)
            self.window.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
            time.sleep(0.3)
            found.click()
            return True

        until(pressed, seconds=240.0)
        self.clicks += 1

    def limit_cost(self) -> None:
        """Type the limit into the field that asks for it."""
        factor, unit = money_scale("CNY", self.language)
        label = text("candidates_cost", self.language, unit=unit)

        def typed() -> bool:
            field = self.window.find_element(By.CSS_SELECTOR, f'input[aria-label^="{label}"]')
            self.window.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
            field.click()
            field.send_keys(Keys.CONTROL + "a" + Keys.NULL, f"{LIMIT_CNY / factor:.0f}", Keys.ENTER)
            return True

        until(typed)
        self.clicks += 1

    def best_for_services(self) -> str:
        """Letter on the card of the plan that is best for services."""
        best = text("mark_best", self.language, name=INDICATORS[SERVICES].label[self.language])

        def read() -> str:
            for card in self.window.find_elements(By.CSS_SELECTOR, "article.candidate"):
                name = card.find_element(By.CSS_SELECTOR, ".candidate-name").text
                if best in name:
                    return card.find_element(By.CSS_SELECTOR, ".candidate-letter").text
            return ""

        return str(until(read))

    def keep(self, page: str) -> None:
        """Keep what is seen."""
        if PICTURES:
            Path(PICTURES, f"{self.name}-{page}.png").write_bytes(self.window.get_screenshot_as_png())


@pytest.mark.parametrize(
    ("name", "language", "begins"),
    [("card", "zh", True), ("name", "zh", False), ("english", "en", False)],
    ids=["from a card", "from a run by its name", "in English"],
)
def test_the_best_plan_for_services_under_a_limit(
    browser: WebDriver, address: str, runs: Path, name: str, language: str, begins: bool
) -> None:
    """The plan is the best of those within the limit, by front.csv; its page says what it costs tenants.

    The later tries open the run of the first by its name.
    """
    reader = Newcomer(browser, language, name)
    browser.get(f"{address}/?lang={language}")
    if begins:
        card = load_scenario("accessibility_first").label[language]
        until(lambda: card in browser.find_element(By.CSS_SELECTOR, "body").text)
        reader.keep("start")
        reader.press(
            text("start_begin", language, minutes=1.0), "//div[contains(@class,'st-key-preset_accessibility')]"
        )
        reader.press(text("job_open", language))
    else:
        reader.press(text("start_open", language))
    until(lambda: title(browser) == text("page_front", language))
    front = load_run(runs / until(lambda: place(browser).get("run"))).front
    reader.limit_cost()
    within = front[front[COST] <= LIMIT_CNY]
    counted = text("candidates_count", language, n=len(within), all=len(front)).replace("**", "")
    until(lambda: counted in browser.find_element(By.CSS_SELECTOR, '[data-testid="stMain"]').text)
    letter = reader.best_for_services()
    reader.keep("front")
    reader.press(text("candidates_open", language, letter=letter))
    until(lambda: title(browser).startswith(text("plan", language)))
    row = within.iloc[int(np.argmax(within[SERVICES]))]
    assert until(lambda: place(browser).get("plan")) == row["plan_id"]
    said = tenants_line({str(key): value for key, value in row.items() if key in INDICATORS}, language)
    until(lambda: said in browser.find_element(By.CSS_SELECTOR, '[data-testid="stMain"]').text)
    reader.keep("plan")
    assert reader.clicks <= MOST_CLICKS
    print(f"{name}: {reader.clicks} clicks")  # noqa: T201 - for whoever counts
