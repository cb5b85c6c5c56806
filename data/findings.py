"""What a check of the input found, and the refusal that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from data.errors import InputError, refusal

if TYPE_CHECKING:
    from data.assembly import Layers

SHOWN_ERRORS = 10


@dataclass(frozen=True)
class Finding:
    """One broken rule.

    Attributes:
        severity: an error refuses the input; a warning is shown and kept.
        layer: layer, or table, that breaks the rule.
        rows: ids of the offending rows ("#3" = third row, where it has no id); empty = the layer as a whole.
        rule: short name of the rule.
        message: what must hold, and what was found.
    """

    severity: Literal["error", "warning"]
    layer: str
    rows: tuple[str, ...]
    rule: str
    message: str

    def text(self, file: object = "") -> str:
        """The finding as one line that names file, layer, row ids and rule."""
        return str(refusal(f"{self.rule}: {self.message}", file=file, layer=self.layer, rows=self.rows))


class BrokenRulesError(InputError):
    """Input that breaks rules, with every finding and the layers that were checked, so that the rows can be shown."""

    def __init__(self, text: str, findings: Sequence[Finding], layers: Layers | None) -> None:
        """See the class; layers is None where there are none to show."""
        super().__init__(text)
        self.findings, self.layers = tuple(findings), layers


def raise_on_errors(
    findings: Sequence[Finding], file: object | Mapping[str, object] = "", layers: Layers | None = None
) -> None:
    """Refuse the input if any finding is an error.

    Args:
        findings: what the checks found.
        file: path or name of the input, or a mapping layer -> path.
        layers: what was checked, for those who show it.

    Raises:
        BrokenRulesError: one line per error, at most SHOWN_ERRORS of them.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return
    files = file if isinstance(file, Mapping) else {}
    lines = [finding.text(files.get(finding.layer, "") if files else file) for finding in errors[:SHOWN_ERRORS]]
    if len(errors) > SHOWN_ERRORS:
        lines.append(f"and {len(errors) - SHOWN_ERRORS} more broken rules")
    raise BrokenRulesError("\n".join(lines), findings, layers)
