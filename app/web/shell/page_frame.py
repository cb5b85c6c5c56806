"""What every page has: a guard against tracebacks, the language, the screening note, keys that end with a visit."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.files.atomic import disk_refusal
from app.files.names import plain
from app.web.documents.workspace import Workspace, configured_workspace
from app.web.figures.chart_words import chart_words, with_words
from app.web.figures.dark import in_the_dark
from app.web.shell.background_threads import start_queue_thread
from app.web.shell.session import go, language, say
from app.words.console import synthetic_text, text_width
from app.words.fill_words import fills_line
from app.words.language import Language
from data.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.navigation.page import StreamlitPage

    from data.city import City

_log = logging.getLogger(__name__)
_VISIT, _PAGE = "visit", "page_seen"
CHART_CONFIG = {"displaylogo": False}
LETTER_PX, CELL_MARGINS_PX, WIDEST_PX = 7.3, 24, 320
"""Width of a Latin letter, half that of a Chinese one, in a table; what is free at its sides; and the widest column."""
LANGUAGES_LABEL, LANGUAGE_NAMES = "语言 · Language", {"zh": "中文", "en": "English"}
"""For readers of either language, whatever that of the page."""


@contextmanager
def guard() -> Iterator[None]:
    """Tell wrong input in one message, and a defect in one sentence with a number that the log has, too."""
    try:
        yield
    except InputError as error:
        show_refusal(error)
    except Exception as error:
        refused = disk_refusal(error) if isinstance(error, OSError) else None
        if refused is not None:
            show_refusal(refused)
            return
        number = secrets.token_hex(4)
        _log.exception("defect %s", number)
        st.error(say("defect", number=number))


def guarded(block: Callable[[], None]) -> Callable[[], None]:
    """The block under the guard, for fragments, which run without the page around them."""

    def run() -> None:
        with guard():
            block()

    return run


def apart(block: Callable[[], None], *, around: Callable[[], object] = lambda: None) -> None:
    """Show a part of the page that runs again by itself when something in it is pressed.

    Args:
        block: draws the part.
        around: what the rest of the page was drawn from; once a press in the part changes it, all of the page runs.
    """
    drawn = around()

    def run() -> None:
        if around() == drawn:
            block()
        if around() != drawn:
            st.rerun()

    st.fragment(guarded(run))()


def show_refusal(error: InputError) -> None:
    """The message of wrong input, as text and not as markup."""
    st.error("  \n".join(plain(line) for line in error.text(language()).splitlines()))


def enter_page(name: str) -> None:
    """Count a visit when the page or the language changes, so that widgets start from what is stored."""
    seen = (name, language())
    if st.session_state.get(_PAGE) != seen:
        st.session_state[_PAGE] = seen
        st.session_state[_VISIT] = st.session_state.get(_VISIT, 0) + 1
        for key in [key for key in st.session_state if str(key).endswith(":source")]:
            del st.session_state[key]


def visit_key(name: str, *suffixes: object) -> str:
    """Key of a widget for this visit of the page."""
    return ":".join([name, str(st.session_state.get(_VISIT, 0)), *(str(suffix) for suffix in suffixes)])


def language_choice() -> None:
    """The switch between Chinese and English."""
    chosen = st.sidebar.radio(
        LANGUAGES_LABEL,
        [str(item) for item in (Language.ZH, Language.EN)],
        index=0 if language() == Language.ZH else 1,
        format_func=LANGUAGE_NAMES.__getitem__,
        horizontal=True,
        key="language_choice",
    )
    if chosen != language():
        go(lang=chosen)
        st.rerun()


def show_pages_of_a_phone(pages: Sequence[StreamlitPage], here: StreamlitPage) -> None:
    """Links to every page, the open one first, in a row that stays in view; room.css shows it on narrow screens."""
    with st.container(key="phone_pages", horizontal=True):
        for page in sorted(pages, key=lambda page: page.url_path != here.url_path):
            st.page_link(page, label=page.title)


def show_notes(city: City | None = None) -> None:
    """How far to trust what is shown."""
    st.caption(plain(say("screening")))
    if city is not None and city.fills:
        st.caption(plain(fills_line(city, language())))
    if city is not None and city.synthetic:
        with st.expander(say("synthetic_title", n=len(city.synthetic))):
            st.text(synthetic_text(city.synthetic, language()))


def stable_table(key: str, build: Callable[[], Any], **options: Any) -> Any:  # noqa: ANN401 - streamlit's own
    """A data editor whose source stays the same while it is edited."""
    source = st.session_state.setdefault(f"{key}:source", build())
    return st.data_editor(source, key=key, placeholder="", **options)


def edited_rows(key: str) -> dict[int, dict[str, Any]]:
    """What has been typed into a data editor, row by row."""
    state: dict[str, Any] = dict(st.session_state.get(key) or {})
    return {int(row): dict(cells) for row, cells in state.get("edited_rows", {}).items()}


@st.cache_resource(show_spinner=False)
def _worker(folder: str) -> object:
    return start_queue_thread(Workspace(configured_workspace().folder)) if folder else None


def open_workspace() -> Workspace:
    """The workspace, its queue at work."""
    workspace = configured_workspace()
    _worker(str(workspace.folder))
    return workspace


def remember(name: str, value: object) -> None:
    """Keep a choice for the session, across pages."""
    st.session_state[f"kept_{name}"] = value


def remembered_choice(
    name: str, label: str, options: Sequence[str], words: Callable[[str], str], *, key: str, heading: bool = False
) -> str:
    """One of a few options side by side, the first until another one is chosen; kept across pages.

    Args:
        name: under which the choice is kept.
        label: of the widget.
        options: ids.
        words: what an option is called.
        key: of the widget.
        heading: it stands as a heading, its label read out but not shown.
    """
    kept = remembered(name, options[0])
    chosen = st.segmented_control(
        label,
        options,
        default=kept if kept in options else options[0],
        required=True,
        format_func=words,
        key=key,
        label_visibility="collapsed" if heading else "visible",
    )
    remember(name, chosen)
    return str(chosen)


def show_chart(
    figure: Any,  # noqa: ANN401 - plotly is untyped
    *,
    key: str,
    alt: str,
    tools: bool = False,
    **options: Any,  # noqa: ANN401 - streamlit's own
) -> Any:  # noqa: ANN401 - streamlit's own
    """A chart, with words for those who cannot see it.

    Args:
        figure: of plotly.
        key: of the widget.
        alt: what it is; its numbers are told after that, from the figure.
        tools: zoom, selection and picture, for maps and scatters; over other charts they would hide titles.
        options: of streamlit.
    """
    alt = with_words(alt, chart_words(figure, language()), language())
    if st.context.theme.type == "dark":
        figure = in_the_dark(figure)
    return st.plotly_chart(figure, key=key, alt=alt, config=CHART_CONFIG | {"displayModeBar": tools}, **options)


def as_wide_as(cells: Iterable[str]) -> Any:  # noqa: ANN401 - streamlit's own
    """A column of a table as wide as the longest of its cells; a browser measures the first rows alone."""
    longest = max(map(text_width, cells), default=0)
    return st.column_config.TextColumn(width=min(round(longest * LETTER_PX) + CELL_MARGINS_PX, WIDEST_PX))


def csv_button(label: str, frame: pd.DataFrame, file_name: str, key: str) -> None:
    """A table as a file that spreadsheets open: UTF-8 with its mark, formulas neutralized."""
    from app.files.names import without_formulas

    st.download_button(
        label,
        lambda: without_formulas(frame).to_csv(index=False).encode("utf-8-sig"),
        file_name,
        "text/csv",
        key=visit_key(key),
        on_click="ignore",
    )


def remembered(name: str, otherwise: Any) -> Any:  # noqa: ANN401 - whatever was kept
    """A choice kept earlier."""
    return st.session_state.get(f"kept_{name}", otherwise)
