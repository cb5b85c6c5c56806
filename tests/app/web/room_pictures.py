"""Pictures of every page of a room that is open at ADDRESS, to be looked at: wide, on a phone, in the dark, in print.

`python tests/app/web/room_pictures.py ADDRESS FOLDER run=RUN plan=P other=P [judged=ID]
[pages=plan,front] [ways=wide,phone]`
"""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from screenshots import LANGUAGES, browser, picture, resize  # beside this file
from selenium.webdriver.remote.webdriver import WebDriver

VIEWS = Path(__file__).parents[3] / "app" / "web" / "views"
PAGES = tuple(sorted(path.stem for path in VIEWS.glob("[a-z]*.py")))
WAYS = {"wide": (1280, 1600), "phone": (390, 2400), "dark": (1280, 1600), "print": (1280, 1600)}
"""Way -> width and height of the window [pixels]."""
LONGEST = 6000
"""What a picture of a page is cut at [pixels]."""
LENGTH = "return document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
QUERIES = {
    "front": "run={run}",
    "plan": "run={run}&plan={plan}",
    "compare": "run={run}&plan={plan}&compare={run}~{plan},{run}~{other},{run}~keep",
    "judge": "run={run}&judged={judged}",
    "compliance": "run={run}&plan={plan}",
    "assumptions": "run={run}&plan={plan}",
}


def link(page: str, language: str, places: Mapping[str, str]) -> str:
    """Address of a page below the room's."""
    path = "" if page == "start" else page  # the room's first page has no name in its address
    return f"{path}?{QUERIES.get(page, '').format(**{'judged': ''} | places)}&lang={language}"


def whole(window: WebDriver, width: int, out: Path) -> None:
    """The open page from top to bottom in one picture, however long it is."""
    resize(window, width, min(int(window.execute_script(LENGTH)) + 20, LONGEST))
    time.sleep(2.0)
    out.write_bytes(window.get_screenshot_as_png())


def in_the_dark(window: WebDriver) -> None:
    """As a browser whose reader prefers dark pages."""
    wish = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)


def printed(window: WebDriver, out: Path) -> None:
    """What the open page looks like on paper, as a PDF."""
    options = {"printBackground": True, "preferCSSPageSize": True}
    out.write_bytes(base64.b64decode(window.execute_cdp_cmd("Page.printToPDF", options)["data"]))


def main(address: str, folder: str, places: Mapping[str, str]) -> None:
    """Every page in every way and language."""
    pages = places.get("pages", ",".join(PAGES)).split(",")
    for way in places.get("ways", ",".join(WAYS)).split(","):
        with browser(*WAYS[way]) as window:
            if way == "dark":
                in_the_dark(window)
            for page in pages:
                for language in places.get("languages", ",".join(LANGUAGES)).split(","):
                    out = Path(folder) / f"{page}-{way}-{language}.png"
                    resize(window, *WAYS[way])
                    picture(window, f"{address}/{link(page, language, places)}", out)
                    if way != "print":
                        whole(window, WAYS[way][0], out)
                    else:
                        printed(window, out.with_suffix(".pdf"))
                        out.unlink()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], dict(part.split("=", 1) for part in sys.argv[3:]))
