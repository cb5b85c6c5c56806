"""The screenshot in README: `python tests/app/room/screenshot.py ADDRESS RUN OUT.png`, a room being open at ADDRESS."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--window-size=1280,1250",
    "--hide-scrollbars",
)


def main(address: str, run: str, out: str) -> None:
    """Open the front of a run and keep what it looks like."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver") or ""))
        try:
            browser.get(f"{address}/front?lang=en&run={run}")
            plots = (By.CSS_SELECTOR, ".js-plotly-plot .plot-container")
            WebDriverWait(browser, 300).until(lambda window: len(window.find_elements(*plots)) >= 3)
            time.sleep(5.0)
            Path(out).write_bytes(browser.get_screenshot_as_png())
        finally:
            browser.quit()


if __name__ == "__main__":
    main(*sys.argv[1:4])
