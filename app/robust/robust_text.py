"""What `renewal robust` says: how firmly villages stand, those chosen without regret, what that rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from app.robust.robust_villages import FRONT, NEAR, PARAMETERS, RobustVillages, may_sample
from app.whatif.change_text import village_words
from app.words.console import COLUMNS, filled, list_text, percent_text
from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import text
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES, REBUILT_SHARE
from optimizers.robust.village_shares import ALWAYS_FROM, BY_YEAR_SHARE, NEVER_TO, USUALLY_FROM, Standing

N_TOLD = 12
"""Villages that the command line tells of."""


def robust_text(found: RobustVillages, out: Path, language: str) -> str:
    """The whole answer."""
    parts = [str(out), _lines(standing_sentences(found, language)), _list(found, language)]
    return "\n\n".join([*parts, _lines(basis_sentences(found, language))])


def standing_sentences(found: RobustVillages, language: str) -> list[str]:
    """How many villages stand how firmly; of several sources also how many without regret."""
    no_regret = found.shares.no_regret if len(found.sources) > 1 else None
    return count_sentences([str(each) for each in found.shares.standing], no_regret, language)


def count_sentences(standing: Sequence[str], no_regret: BoolArray | None, language: str) -> list[str]:
    """The same from the standing of every village, and from who is chosen without regret, where that is known."""
    counts = Counter(standing)
    said = [text(f"robust_count_{each}", language, n=counts[str(each)]) for each in Standing]
    if no_regret is not None:
        said.append(text("robust_no_regret_count", language, n=int(no_regret.sum())))
    return said


def basis_sentences(found: RobustVillages, language: str) -> list[str]:
    """On how many plans and samples it rests, what shares are called, and what is not covered."""
    return list(_basis(found, language))


def _basis(found: RobustVillages, language: str) -> Iterator[str]:
    sources, request = found.sources, found.request
    yield text("robust_basis_front", language, n=len(sources[FRONT].start_year))
    if NEAR in sources:
        yield text(
            "robust_basis_near",
            language,
            n=len(sources[NEAR].start_year),
            walks=request.walks,
            preferences=len(found.preferences),
            evaluations=request.walk_evaluations,
            within=percent_text(request.within),
        )
    if found.samples:
        left_out = sum(sample.plans is None for sample in found.samples)
        n_plans = len(sources[PARAMETERS].start_year) if PARAMETERS in sources else 0
        yield text(
            "robust_basis_parameters",
            language,
            n=n_plans,
            samples=len(found.samples),
            parameters=len(found.samples[0].parameters),
            evaluations=request.evaluations,
            left_out=left_out,
        )
    if request.samples and not may_sample(found.run):
        yield text("robust_basis_not_sampled", language)
    shares = {"always": ALWAYS_FROM, "usually": USUALLY_FROM, "never": NEVER_TO}
    yield text("robust_called", language, **{name: percent_text(share, digits=0) for name, share in shares.items()})
    known = found.shares.error[np.isfinite(found.shares.error)]
    if known.size:
        yield text("robust_errors", language, largest=percent_text(float(known.max())))
    yield text("robust_not_covered", language)


def village_sentence(found: RobustVillages, village: int, language: str) -> str:
    """How often a village is in good plans, by when, and with which use."""
    shares = found.shares
    share = float(shares.share[village])
    if share == 0.0:
        return text("robust_in_none", language)
    said = text(
        "robust_village",
        language,
        share=percent_text(share, digits=0),
        by=percent_text(float(shares.share_by_year[village]), digits=0),
        year=int(shares.by_year[village]) + 1,
    )
    use = int(shares.use[village])
    words = use_text(use, language)
    return said + text(
        "robust_village_use", language, use=words, share=percent_text(float(shares.use_share[village]), digits=0)
    )


def use_text(use: int, language: str) -> str:
    """A numbered use in words: the way and, where something is rebuilt, the land use."""
    intensity, land_use = divmod(use, len(LAND_USES))
    way = text(f"word_{INTENSITIES[intensity]}", language)
    if REBUILT_SHARE[intensity] == 0.0 and LAND_USES[land_use] == CANONICAL_LAND_USE:
        return way
    return text("robust_use", language, way=way, use=text(f"word_{LAND_USES[land_use]}", language))


def is_given(found: RobustVillages) -> BoolArray:
    """True where the scenario itself decides that the village is renewed, shape (n_villages,)."""
    scenario, ids = found.resolved.scenario, found.resolved.city.villages.village_id
    given = [name for name, decision in scenario.fixed.items() if decision.start_year > 0]
    return np.isin(ids, [*scenario.locked, *given])


def firmest(found: RobustVillages, n: int) -> IntArray:
    """Villages chosen without regret first, then by share, at most n of them."""
    return firmest_first(found.shares.share, found.shares.no_regret, n)


def firmest_first(share: FloatArray, no_regret: BoolArray, n: int) -> IntArray:
    """The same from the shares of good plans and from who is chosen without regret, shape (n_villages,) each."""
    order = np.lexsort((-share, ~no_regret))
    return order[share[order] > 0.0][:n]


def _list(found: RobustVillages, language: str) -> str:
    rows = []
    for village in firmest(found, N_TOLD).tolist():
        mark = text("robust_mark_no_regret", language) if found.shares.no_regret[village] else ""
        rows.append([village_words(found.resolved, village), village_sentence(found, village, language), mark])
    head = text("robust_firmest", language, n=len(rows), share=percent_text(BY_YEAR_SHARE, digits=0))
    return f"{_lines([head])}\n{list_text(rows)}"


def _lines(sentences: list[str]) -> str:
    return "\n".join("\n".join(filled(sentence, COLUMNS)) for sentence in sentences)
