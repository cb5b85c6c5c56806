"""A real browser before a room of its own: fixtures and what its reader does."""

from __future__ import annotations

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

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

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


def title(browser: WebDriver) -> str:
    return browser.find_element(By.CSS_SELECTOR, "h1").text


def place(browser: WebDriver) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(browser.current_url).query).items()}
