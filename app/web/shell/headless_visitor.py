"""A visitor without a browser: speaks the messages of the server itself, for measurements and tests under load."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

LARGEST_MESSAGE_BYTES = 256 * 2**20


class Visitor:
    """One tab: what the server has sent it, and what is chosen in it.

    Attributes:
        elements: place on the page -> element, as the server last sent it.
        seconds: how long the last answer took, from the request to the end of the page's script [s].
        received_bytes: size of that answer.
    """

    def __init__(self, address: str, page: str = "", query: str = "", *, patience_s: float = 120.0) -> None:
        """Connect; the page is asked for by `ask`.

        Args:
            address: of the room, http://host:port.
            page: path of the page, empty for the first.
            query: query string without the question mark.
            patience_s: longest wait for a message [s].
        """
        self.elements: dict[tuple[int, ...], Any] = {}
        self.seconds, self.received_bytes = 0.0, 0
        self._page, self._query, self._patience_s = page, query, patience_s
        self._widgets: dict[str, dict[str, Any]] = {}
        self._page_hash = ""
        self._socket = connect(
            address.replace("http", "ws", 1) + "/_stcore/stream",
            max_size=LARGEST_MESSAGE_BYTES,
            compression=None,
            open_timeout=patience_s,
        )

    def __enter__(self) -> Visitor:
        """The visitor itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the tab."""
        self._socket.close()

    def choose(self, widget_id: str, **value: Any) -> None:  # noqa: ANN401 - the protocol's value kinds
        """Set a widget, as WidgetState has it: double_value=1.0, trigger_value=True, ..."""
        self._widgets[widget_id] = value

    def ask(self, *, on_element: Callable[[Any], object] = lambda _: None) -> float:
        """Run the page with what is chosen.

        Args:
            on_element: called with every element as it arrives.

        Returns:
            Seconds until the script has ended and everything has arrived.
        """
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self._query, self._page, self._page_hash
        for name, value in self._widgets.items():
            state.widget_states.widgets.add(id=name, **value)
        start = time.perf_counter()
        self._socket.send(message.SerializeToString())
        self.received_bytes = 0
        for answer in self._answers():
            self._take(answer, on_element)
        self.seconds = time.perf_counter() - start
        self._widgets = {name: value for name, value in self._widgets.items() if "trigger_value" not in value}
        return self.seconds

    def find(self, kind: str, key: str) -> Any:  # noqa: ANN401 - a protocol message
        """The widget of a kind whose key begins so.

        Raises:
            LookupError: the page has none.
        """
        for element in self.elements.values():
            if element.WhichOneof("type") == kind:
                widget = getattr(element, kind)
                if f"-{key}" in widget.id:
                    return widget
        msg = f"no {kind} {key} on the page"
        raise LookupError(msg)

    def metrics(self) -> dict[str, str]:
        """Label and value of every figure in large type."""
        metrics = [item.metric for item in self.elements.values() if item.WhichOneof("type") == "metric"]
        return {metric.label: f"{metric.body} {metric.delta}" for metric in metrics}

    def _answers(self) -> Iterator[ForwardMsg]:
        """Messages until a script run ends that is not followed by another."""
        while True:
            content = self._socket.recv(timeout=self._patience_s)
            self.received_bytes += len(content)
            message = ForwardMsg.FromString(content)
            yield message
            if message.WhichOneof("type") == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            ):
                return

    def _take(self, message: ForwardMsg, on_element: Callable[[Any], object]) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta":
            place = tuple(message.metadata.delta_path)
            if message.delta.WhichOneof("type") == "new_element":
                self.elements[place] = message.delta.new_element
                on_element(message.delta.new_element)
