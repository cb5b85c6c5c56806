"""The room by keyboard: Tab reaches every control, its focus is seen, and stays there when the page runs again."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from browser_fixtures import address, browser, until
from data.catalogue import text

__all__ = ["address", "browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PAGES = ("start", "front", "plan", "search")
DRIVER = """
const looks = (node) => {
  const one = (style) => ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'borderColor', 'borderWidth',
    'backgroundColor', 'color', 'textDecorationLine'].map((name) => style[name]).join('|');
  const near = [node];
  for (let up = node.parentElement, k = 0; up && k < 5; up = up.parentElement, k += 1) near.push(up);
  const label = node.closest('label');
  if (label) near.push(...label.querySelectorAll('*'));
  const view = node.ownerDocument.defaultView;
  const kinds = [null, '::before', '::after'];
  return near.flatMap((part) => kinds.map((kind) => one(view.getComputedStyle(part, kind)))).join('&');
};
const called = (node) => node.getAttribute('aria-label') || node.textContent.trim().slice(0, 60)
  || node.id || node.name || node.type || node.tagName;
const reachable = (page) => [...page.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
  .filter((node) => node.tabIndex >= 0 && !node.disabled && node.getClientRects().length
    && node.checkVisibility({visibilityProperty: true})
    && !(node.type === 'radio' && !node.checked && page.querySelector(`input[name="${node.name}"]:checked`)));
const pages = () => [document,
  ...[...document.querySelectorAll('iframe')].map((frame) => frame.contentDocument).filter(Boolean)];
const active = () => {
  let node = document.activeElement;
  while (node && node.contentDocument && node.contentDocument.activeElement !== node.contentDocument.body)
    node = node.contentDocument.activeElement;
  return node;
};
"""
MARK = (
    DRIVER
    + """
let n = 0;
const groups = [...document.querySelectorAll('[data-testid="stButtonGroup"]')];
window.known = [];
for (const page of pages()) for (const node of reachable(page)) {
  node.setAttribute('data-tab', n);
  const group = node.closest('[data-testid="stButtonGroup"]');
  window.known.push({name: called(node), looks: looks(node), kind: node.tagName.toLowerCase(),
    group: group ? groups.indexOf(group) : -1});
  n += 1;
}
document.activeElement.blur();
return window.known.map(({name, kind, group}) => [`${kind} ${name}`, group]);
"""
)
STEP = (
    DRIVER
    + """
const node = active(), at = node && node.getAttribute('data-tab');
if (at === null || at === undefined) return null;
return [Number(at), looks(node) !== window.known[Number(at)].looks];
"""
)
NAME = DRIVER + "const node = active(); return node ? called(node) : ''"
IN_A_ROW = DRIVER + "const node = active(); return Boolean(node && node.closest('[data-testid=\"stButtonGroup\"]'))"
SETTLED = """
return !document.querySelector('[data-testid="stStatusWidget"], [data-stale="true"]')
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path) -> Path:
    folder = tmp_path_factory.mktemp("room") / "runs"
    shutil.copytree(tiny_run, folder / "first")
    return folder


def opened(browser: WebDriver, address: str, page: str, language: str = "en") -> None:
    """The page, with everything on it drawn."""
    path = "" if page == "start" else page
    browser.get(f"{address}/{path}?lang={language}" + ("&run=first" if page in ("front", "plan") else ""))
    until(lambda: browser.execute_script("return document.querySelector('.st-key-guide_hide, .st-key-guide_show')"))
    settled(browser)


def settled(browser: WebDriver) -> None:
    """Nothing on the page is being computed any more."""
    time.sleep(1.0)
    until(lambda: browser.execute_script(SETTLED))
    time.sleep(1.0)


def press(browser: WebDriver, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def reached(browser: WebDriver, groups: list[int]) -> tuple[set[int], set[int]]:
    """Controls that Tab comes to, and those whose focus nobody would see; in a row of buttons arrows do the rest."""
    seen: set[int] = set()
    unseen: set[int] = set()
    quiet = 0
    for _ in range(2 * len(groups) + 40):
        press(browser, Keys.TAB)
        step: Any = browser.execute_script(STEP)
        quiet = quiet + 1 if step is None or step[0] in seen else 0
        if quiet > 60:
            break
        if step is None or step[0] in seen:
            continue
        seen.add(step[0])
        if not step[1]:
            time.sleep(0.5)  # a border that fades in
            if not browser.execute_script(STEP)[1]:
                unseen.add(step[0])
    rows = {groups[k] for k in seen if groups[k] >= 0}
    return seen | {k for k, row in enumerate(groups) if row in rows}, unseen


@pytest.mark.parametrize("page", PAGES)
def test_tab_reaches_every_control_and_its_focus_is_seen(browser: WebDriver, address: str, page: str) -> None:
    opened(browser, address, page)
    names, groups = zip(*browser.execute_script(MARK), strict=True)
    seen, unseen = reached(browser, list(groups))
    assert len(names) > 10
    assert [name for k, name in enumerate(names) if k not in seen] == []
    assert [names[k] for k in sorted(unseen)] == []


def focus(browser: WebDriver, words: str) -> None:
    """Tab until the control of this name has the focus; in a row of buttons the arrow leads there."""
    for _ in range(150):
        for _ in range(10):
            if words in browser.execute_script(NAME):
                return
            if not browser.execute_script(IN_A_ROW):
                break
            press(browser, Keys.ARROW_RIGHT)
        press(browser, Keys.TAB)
    raise AssertionError(words)


@pytest.mark.parametrize(
    ("page", "words", "keys"),
    [
        ("front", text("axis_x", "en"), (Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)),
        ("front", text("candidates_take", "en"), (Keys.ENTER,)),
        ("plan", text("plan_question_cost", "en"), (Keys.ENTER,)),
        ("scenario", text("field_plan_years", "en"), (Keys.ARROW_UP, Keys.ENTER)),
    ],
)  # fmt: skip
def test_focus_stays_where_it_was(
    browser: WebDriver, address: str, page: str, words: str, keys: tuple[str, ...]
) -> None:
    opened(browser, address, page)
    focus(browser, words)
    browser.execute_script(DRIVER + "active().setAttribute('data-was-here', '')")
    press(browser, *keys)
    settled(browser)
    assert browser.execute_script(DRIVER + "return active().hasAttribute('data-was-here')")
