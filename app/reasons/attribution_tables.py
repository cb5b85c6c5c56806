"""Tables of the attribution as a page and a report show them, and the steps from no renewal to the plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.people.portrait_tables import TextTable
from app.reasons.attribution_frames import renewed, share_of_sizes, sums_by
from app.reasons.attribution_words import amount, label, largest, residue_text
from app.reasons.explained import Explained
from app.words.console import percent_text
from data.catalogue import text
from envs.reasons.terms import by_term
from envs.reasons.trust import N_SHOWN, WAYS

DIVISIONS = ("district", "start_year", "intensity", "land_use", "term", "choice")
"""How shares are summed."""


@dataclass(frozen=True)
class Step:
    """One step from no renewal to the plan.

    Attributes:
        label: what takes it.
        share: how far.
        n_villages: of it; 0 where all villages take the step together.
    """

    label: str
    share: float
    n_villages: int = 0


def village_steps(explained: Explained, name: str, language: str) -> list[Step]:
    """The villages with the largest shares, then all others."""
    shares, ids = explained.shares[name].by_village, explained.resolved.city.villages.village_id
    shown = largest(explained, name)
    steps = [Step(str(ids[village]), float(shares[village]), 1) for village in shown]
    n_others = renewed(explained).size - len(shown)
    if n_others:
        rest = float(shares.sum() - shares[shown].sum())
        steps.append(Step(text("reasons_others", language, n=n_others), rest, n_others))
    return steps


def part_steps(explained: Explained, name: str, division: str, language: str) -> list[Step]:
    """Shares summed by one of DIVISIONS."""
    if division == "term":
        terms = by_term(explained.shares[name])
        return [Step(text(f"reasons_term_{term}", language), float(share.sum())) for term, share in terms.items()]
    if division == "choice":
        return [
            Step(text(f"reasons_choice_{choice}", language), float(shares.by_village.sum()))
            for choice, shares in explained.choices.get(name, {}).items()
        ]
    return [
        Step(_part_text(division, part, language), share, n)
        for part, n, share in sums_by(explained, explained.shares[name], division)
    ]


def shares_table(explained: Explained, name: str, language: str, n: int = N_SHOWN) -> TextTable:
    """The villages with the largest shares: share, part of all, and what changes without it."""
    shares, city = explained.shares[name], explained.resolved.city
    losses, of_all = explained.losses.get(name), share_of_sizes(shares)
    rows = tuple(
        (
            str(city.villages.village_id[village]),
            city.districts[int(city.villages.district_idx[village])],
            str(int(explained.plan.start_year[0, village])),
            amount(name, float(shares.by_village[village]), language),
            percent_text(abs(float(of_all[village]))),
            *(() if losses is None else (amount(name, -float(losses[village]), language),)),
        )
        for village in largest(explained, name, n)
    )
    columns = ("village", "district", "start", "share", "of_all", *(() if losses is None else ("loss",)))
    header = tuple(text(f"reasons_column_{column}", language) for column in columns)
    return TextTable(text("reasons_largest", language, label=label(name, language)), header, rows)


def parts_table(explained: Explained, name: str, division: str, language: str) -> TextTable:
    """Shares summed by one of DIVISIONS, with the number of villages where there are parts of them."""
    steps = part_steps(explained, name, division, language)
    counted = any(step.n_villages for step in steps)
    columns = ("part", *(("villages",) if counted else ()), "share")
    rows = tuple(
        (step.label, *((f"{step.n_villages:,}",) if counted else ()), amount(name, step.share, language))
        for step in steps
    )
    title = text(
        "reasons_parts_title", language, label=label(name, language), by=text(f"reasons_by_{division}", language)
    )
    return TextTable(title, tuple(text(f"reasons_column_{column}", language) for column in columns), rows)


def trust_table(explained: Explained, language: str) -> TextTable:
    """By objective: how much the shown villages hold, fidelity, and how many single removals are foretold closely."""
    trust = explained.trust
    rows = []
    for name, shares in trust.shares.items():
        fidelity = trust.fidelity(name)
        size = float(np.abs(shares.by_village).sum())
        rows.append(
            (
                label(name, language),
                percent_text(trust.shown_share(name)) if size else "-",
                "-" if np.isnan(fidelity) else f"{fidelity:.3f}",
                *(f"{trust.foretold(name, way)[1]} / {len(trust.single)}" for way in WAYS),
                residue_text(abs(shares.residue) / size) if size else "-",
            )
        )
    header = (
        text("reasons_column_outcome", language),
        text("reasons_column_shown", language, n=N_SHOWN),
        text("reasons_column_fidelity", language),
        *(text(f"reasons_column_by_{way}", language) for way in WAYS),
        text("reasons_column_residue", language),
    )
    return TextTable(text("reasons_trust_title", language), header, tuple(rows))


def _part_text(division: str, part: str, language: str) -> str:
    if division == "start_year":
        return text("year_n", language, year=int(part))
    if division in ("intensity", "land_use"):
        return text(f"word_{part}", language) if part else text("map_rehabilitated", language)
    return part
