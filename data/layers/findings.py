"""What a check of the input found, and the refusal that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from data.catalogue import Message, Told, catalogue, message, text
from data.dictionary import LAYERS, import_columns
from data.errors import InputError, Refusal

if TYPE_CHECKING:
    from data.layers.assembly import Layers

SHOWN_ERRORS = 10
ROOTS = ("empty_layer", "missing_column", "crs_missing", "crs_geographic", "crs_units", "crs_unnamed", "crs_area")
CAUSES = (
    *ROOTS, "degrees_as_meters", "meters_as_degrees", "geometry_missing", "geometry_type", "geometry_not_finite",
    "zero_area", "self_crossing", "duplicate_geometry", "duplicate_id", "empty_id",
)  # fmt: skip
"""Checks whose failure makes others fail; those first of which everything hangs."""


@dataclass(frozen=True)
class Finding:
    """One check that failed.

    Attributes:
        severity: an error refuses the input; a warning is shown and kept.
        layer: layer, or table, that fails the check.
        rows: ids of the offending rows ("#3" = third row, where it has no id); empty = the layer as a whole.
        check: short name of the check that failed.
        message: what must hold, and what is there.
        column: whose cells are wrong; "" = it is not about one column.
    """

    severity: Literal["error", "warning"]
    layer: str
    rows: tuple[str, ...]
    check: str
    message: Message
    column: str = ""

    @property
    def said(self) -> Message:
        """What must hold, and what is there, with layer, column and unit called as people read them."""
        return _said(self.message, self.layer)

    def refusal(self, file: object = "") -> Refusal:
        """The finding as one line that names file, layer, row ids and check."""
        said = message("refusal_within", outer=called(f"check_{self.check}", self.check), inner=self.said)
        return Refusal(said, file=str(file), layer=called(f"layer_{self.layer}", self.layer), rows=self.rows)

    def text(self, file: object = "", language: str = "en") -> str:
        """The line in words of a language."""
        return self.refusal(file).text(language)


def called(key: str, code: str) -> str | Told:
    """Layer, check or unit in a refusal: in English the word that files use, in Chinese its name in the catalogue."""
    return Told(en=code, zh=text(key, "zh")) if key in catalogue() else code


def called_column(layer: str, code: str) -> str | Told:
    """A column in a refusal: as files call it, in Chinese behind the name that forms show."""
    column = import_columns(layer).get(code) if layer in LAYERS else None
    return code if column is None else Told(en=code, zh=f"{column.label['zh']} {code}")


def _said(told: Message, layer: str) -> Message:
    """A message, and those that it holds, with names in the place of codes."""
    values = {name: _said(value, layer) if isinstance(value, Message) else value for name, value in told.values.items()}
    for name, value in values.items():
        if isinstance(value, str) and name in ("layer", "unit"):
            values[name] = called({"layer": f"layer_{value}", "unit": f"unit {value}"}[name], value)
        elif isinstance(value, str) and name == "column":
            values[name] = called_column(layer, value)
    return message(told.key, **values)


class FailedChecksError(InputError):
    """Input that breaks rules, with every finding and the layers that were checked, so that the rows can be shown."""

    def __init__(self, *refusals: Refusal, n_more: int, findings: Sequence[Finding], layers: Layers | None) -> None:
        """See the class; layers is None where there are none to show."""
        super().__init__(*refusals, n_more=n_more)
        self.findings, self.layers = tuple(findings), layers


def causes_first(findings: Sequence[Finding]) -> list[Finding]:
    """Findings about what others may follow from, before these: columns and systems, then geometries and ids."""
    return sorted(findings, key=lambda finding: (finding.check not in ROOTS, finding.check not in CAUSES))


def without_derived(findings: Sequence[Finding], filled: Mapping[tuple[str, str], frozenset[str]]) -> list[Finding]:
    """Findings without those about cells that were filled from something that is itself wrong.

    Args:
        findings: what the checks found.
        filled: layer and column -> ids of the rows whose cell was filled in, not given.

    Returns:
        The findings, errors about filled cells left out, unless there are no others.
    """
    own = []
    for finding in findings:
        derived = filled.get((finding.layer, finding.column), frozenset())
        rows = tuple(row for row in finding.rows if row not in derived)
        if finding.severity != "error" or not derived or len(rows) == len(finding.rows):
            own.append(finding)
        elif rows:
            own.append(replace(finding, rows=rows))
    return own if any(finding.severity == "error" for finding in own) else list(findings)


def raise_on_errors(
    findings: Sequence[Finding], file: object | Mapping[str, object] = "", layers: Layers | None = None
) -> None:
    """Refuse the input if any finding is an error.

    Args:
        findings: what the checks found.
        file: path or name of the input, or a mapping layer -> path.
        layers: what was checked, for those who show it.

    Raises:
        FailedChecksError: one line per error, at most SHOWN_ERRORS of them.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return
    files = file if isinstance(file, Mapping) else {}
    shown = errors[:SHOWN_ERRORS]
    refusals = [finding.refusal(files.get(finding.layer, "") if files else file) for finding in shown]
    raise FailedChecksError(*refusals, n_more=len(errors) - len(shown), findings=findings, layers=layers)
