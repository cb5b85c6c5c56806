"""The pictures of docs/first-ten-minutes, a room being open at ADDRESS.

`python tests/app/web/screenshots.py ADDRESS FOLDER run=RUN plan=P other=P goal=GOAL`: every page by its link;
`pages=plan languages=zh` for some of them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
FLAGS = ("--headless", "--no-sandbox", *WEBGL, "--no-first-run", "--hide-scrollbars")
LANGUAGES = ("en", "zh")
LAST = ".st-key-guide_hide, .st-key-guide_show"
"""The guide is drawn when the page is."""
STILL = """
const waiting = '[data-testid="stStatusWidget"], [data-testid="stSkeleton"], [data-stale="true"]';
const shown = (node) => node.checkVisibility() && node.getClientRects().length;
return ![...document.querySelectorAll(waiting)].some(shown)
  && [...document.querySelectorAll('.stDataFrame')].every((table) => !shown(table) || table.querySelector('canvas'));
"""
"""Nothing is being computed, no picture is awaited, tables are drawn."""
PATIENCE_S = 240
COLORS = 256
"""A picture of a page has few colors; so many keep it small and the rare ones true."""
PAGES: dict[str, tuple[str, int]] = {
    "start": ("?", 0),
    "front": ("front?run={run}", 1),
    "plan": ("plan?run={run}&plan={plan}", 0),
    "compare": ("compare?run={run}&plan={plan}&compare={run}~{plan},{run}~{other},{run}~keep", 0),
    "goals": ("goals?run={run}&goal={goal}", 0),
}
"""Picture -> its page, and how many charts must be there."""


@contextmanager
def browser(width: int, height: int) -> Iterator[WebDriver]:
    """A headless browser whose window has this size."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--window-size={max(width, 500)},{height}", f"--user-data-dir={profile}"):
            options.add_argument(flag)
        window = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver") or ""))
        window.command_executor.client_config.timeout = PATIENCE_S
        try:
            window.set_script_timeout(PATIENCE_S)
            resize(window, width, height)
            yield window
        finally:
            window.quit()


def resize(window: WebDriver, width: int, height: int) -> None:
    """Give the page this size [pixels]; a narrow one is that of a phone."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def picture(window: WebDriver, address: str, out: Path, *, charts: int = 0, settle_s: float = 3.0) -> None:
    """Open an address and keep what it looks like once it is still."""
    window.get(address)
    plots = (By.CSS_SELECTOR, ".js-plotly-plot .plot-container")
    WebDriverWait(window, PATIENCE_S).until(lambda page: page.find_elements(By.CSS_SELECTOR, "h1"))
    WebDriverWait(window, PATIENCE_S).until(lambda page: len(page.find_elements(*plots)) >= charts)
    WebDriverWait(window, PATIENCE_S).until(lambda page: page.find_elements(By.CSS_SELECTOR, LAST))
    WebDriverWait(window, PATIENCE_S).until(lambda page: page.execute_script(STILL))
    for frame in window.find_elements(By.CSS_SELECTOR, 'iframe[title*="village_map"]'):
        window.switch_to.frame(frame)
        WebDriverWait(window, PATIENCE_S).until(
            lambda page: page.execute_script("return document.documentElement.dataset.drawn")
        )
        window.switch_to.default_content()
    time.sleep(settle_s)
    out.write_bytes(window.get_screenshot_as_png())


def main(address: str, folder: str, places: Mapping[str, str]) -> None:
    """Every page in both languages, or those that are asked for."""
    names = places.get("pages", ",".join(PAGES)).split(",")
    with browser(1280, 1250) as window:
        for name in names:
            page, charts = PAGES[name]
            for language in places.get("languages", ",".join(LANGUAGES)).split(","):
                out = Path(folder) / f"minutes-{name}-{language}.png"
                link = f"{address}/{page.format(**places)}&lang={language}"
                picture(window, link, out, charts=charts)
                Image.open(out).convert("RGB").quantize(COLORS).save(out, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], dict(part.split("=", 1) for part in sys.argv[3:]))
