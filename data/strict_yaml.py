"""YAML as data and nothing more: one mapping with text keys, of bounded size and depth.

Scalars follow YAML 1.2's core schema, so that `off`, `no`, `007` and `2023-07-21` are text and `1e-3` is a number.
Duplicate keys, anchors, aliases and tags are refused: they either hide a mistake or blow a small file up.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from data.catalogue import Message, message
from data.errors import LONGEST_NAME, printable, reason_of, refuse

MAX_BYTES = 5_000_000
MAX_DEPTH = 24
MAX_DIGITS = 18

_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_INT = re.compile(r"^[-+]?(?:0|[1-9][0-9_]*)$")
_FLOAT = re.compile(
    r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$"
)
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class _NotAcceptedError(yaml.MarkedYAMLError):
    """YAML that is no plain data, and where it stands."""

    def __init__(self, problem: Message, mark: yaml.Mark) -> None:
        super().__init__(problem=str(problem), problem_mark=mark)
        self.message = problem


class _StrictLoader(yaml.SafeLoader):
    """PyYAML's safe loader, narrowed."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc] # PyYAML keeps it on the class
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - PyYAML's type
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _NotAcceptedError(message("yaml_anchor"), event.start_mark)
        if event.tag is not None:
            raise _NotAcceptedError(message("yaml_tag", tag=printable(str(event.tag), LONGEST_NAME)), event.start_mark)
        if self.depth >= MAX_DEPTH:
            raise _NotAcceptedError(message("yaml_depth", most=MAX_DEPTH), event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_scalar(self, node: Any) -> Any:  # noqa: ANN401 - PyYAML's type
        text = super().construct_scalar(node)
        if _NOT_TEXT.search(text):
            raise _NotAcceptedError(message("yaml_control_characters"), node.start_mark)
        if node.tag == "tag:yaml.org,2002:int" and len(text.lstrip("+-")) > MAX_DIGITS:
            raise _NotAcceptedError(message("yaml_digits", most=MAX_DIGITS), node.start_mark)
        return text

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401, FBT001, FBT002
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.tag != "tag:yaml.org,2002:str":
                raise _NotAcceptedError(message("yaml_key_no_text"), key_node.start_mark)
            if key_node.value in seen:
                key = printable(key_node.value, LONGEST_NAME)
                raise _NotAcceptedError(message("yaml_key_twice", key=key), key_node.start_mark)
            seen.add(key_node.value)
        return super().construct_mapping(node, deep=deep)


class _PlainDumper(yaml.SafeDumper):
    """Writes what the strict loader reads: no anchors, lists indented under their key."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002 - PyYAML's signature
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002
        return super().increase_indent(flow, False)  # noqa: FBT003 - PyYAML's signature


for _side in (_StrictLoader, _PlainDumper):  # what would be read as another type is written in quotes
    _side.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOL, list("tTfF"))
    _side.add_implicit_resolver("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""])
    _side.add_implicit_resolver("tag:yaml.org,2002:int", _INT, list("-+0123456789"))
    _side.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))


_SYNTAX = {
    "'\\t'": "yaml_tab",
    "mapping values are not allowed": "yaml_colon_misplaced",
    "could not find expected ':'": "yaml_colon_missing",
    "expected ',' or": "yaml_unclosed",
    "unexpected end of stream": "yaml_unclosed",
}
"""What PyYAML says -> what that means."""


def _syntax(problem: str | None) -> Message:
    """What PyYAML found, in words of the catalogue where it is a usual mistake."""
    said = problem or ""
    return message(next((key for words, key in _SYNTAX.items() if words in said), "yaml_syntax"), reason=said)


def parse_mapping(text: str, *, file: object = "YAML") -> dict[str, Any]:
    """Parse one YAML mapping.

    Args:
        text: the document.
        file: name of its source, for the message.

    Returns:
        Mappings, lists, text, numbers, booleans and None, nested at most MAX_DEPTH deep.

    Raises:
        InputError: the text is not such a mapping; the message names file, line and rule.
    """
    try:
        content = yaml.load(text, _StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = message("line_number", n=mark.line + 1) if mark else ""
        reason = error.message if isinstance(error, _NotAcceptedError) else _syntax(error.problem or error.context)
        raise refuse("yaml_unreadable", reason=reason, file=file, layer=line) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise refuse("yaml_unreadable", reason=reason_of(error), file=file) from None
    if not isinstance(content, dict):
        raise refuse("yaml_no_mapping", file=file)
    return content


def read_mapping(path: Path) -> dict[str, Any]:
    """Read one YAML mapping from a file in UTF-8.

    Raises:
        InputError: the file is missing, unreadable, larger than MAX_BYTES, or not such a mapping.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise refuse("file_unreadable", reason=reason_of(error), file=path) from None
    if len(raw) > MAX_BYTES:
        raise refuse("yaml_too_large", most_mb=MAX_BYTES / 1e6, file=path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("not_utf8", position=error.start, file=path) from None
    return parse_mapping(text, file=path)


def dump_mapping(content: dict[str, Any]) -> str:
    """Write a mapping as YAML that `parse_mapping` reads back equal (floats keep every digit)."""
    return yaml.dump(content, Dumper=_PlainDumper, allow_unicode=True, sort_keys=False, width=120)
