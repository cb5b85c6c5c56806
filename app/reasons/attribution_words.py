"""Sentences on what a village contributes, from its numbers."""

from __future__ import annotations

import math

import numpy as np

from app.reasons.attribution_frames import renewed, share_of_sizes
from app.reasons.explained import Explained
from app.words.console import listed, percent_text, said_of, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from envs.reasons.terms import by_term
from envs.reasons.trust import N_SHOWN, WAYS

N_TERMS = 3
"""Terms that a sentence names."""
LEAST_TERM = 0.05
"""Part of the largest term below which another is not named."""
SMALL_SHARE = 0.01
"""Of an outcome between 0 and 1, below which four decimals say too little."""
LARGE_INTERACTION = 0.01
"""Part of the loss of the shown villages from which on a pair is told."""

ROUNDING = 1e-12
"""Part of all shares below which what a sum misses is rounding, which differs from machine to machine."""


def residue_text(share: float) -> str:
    """What a sum of shares misses, as part of their sizes.

    Example:
        >>> residue_text(7e-16), residue_text(2e-5)
        ('< 1e-12', '2e-05')
    """
    return f"< {ROUNDING:.0e}" if share < ROUNDING else f"{share:.0e}"


def label(name: str, language: str) -> str:
    """An outcome's name."""
    return INDICATORS[name].label[language]


def amount(name: str, value: float, language: str) -> str:
    """A share of an outcome with its unit and sign; of one between 0 and 1 with two digits, however small."""
    unit = INDICATORS[name].unit
    if unit == "0..1" and 0.0 < abs(value) < SMALL_SHARE:
        return f"{value:+.{1 - math.floor(math.log10(abs(value)))}f}"
    return value_text(value, unit, language, signed=True)


def largest(explained: Explained, name: str, n: int = N_SHOWN) -> list[int]:
    """Positions of the villages with the largest shares of an outcome, the largest first."""
    villages = renewed(explained)
    share = explained.shares[name].by_village[villages]
    return villages[np.argsort(-np.abs(share), kind="stable")[:n]].tolist()


def terms_text(explained: Explained, name: str, village: int, language: str) -> str:
    """The terms by which a village contributes most, with their amounts; empty where it is its own amount alone."""
    terms = {term: float(share[village]) for term, share in by_term(explained.shares[name]).items() if term != "own"}
    order = sorted(terms, key=lambda term: -abs(terms[term]))[:N_TERMS]
    named = [term for term in order if abs(terms[term]) > LEAST_TERM * abs(terms[order[0]])]
    return listed(
        [
            text(
                "reasons_term_value",
                language,
                term=text(f"reasons_term_{term}", language),
                value=amount(name, terms[term], language),
            )
            for term in named
        ],
        language,
    )


def village_sentence(explained: Explained, name: str, village: int, language: str) -> str:
    """What one village contributes to an outcome, and by what."""
    shares, villages = explained.shares[name], explained.resolved.city.villages
    terms = terms_text(explained, name, village, language)
    return text(
        "reasons_sentence" if terms else "reasons_sentence_own",
        language,
        village=villages.village_id[village],
        district=explained.resolved.city.districts[int(villages.district_idx[village])],
        year=int(explained.plan.start_year[0, village]),
        share=amount(name, float(shares.by_village[village]), language),
        of_all=percent_text(abs(float(share_of_sizes(shares)[village]))),
        **({"terms": terms} if terms else {}),
    )


def trust_sentences(explained: Explained, language: str) -> list[str]:
    """How much the shown villages hold, what taking them out loses, and how well single removals are foretold."""
    trust = explained.trust
    said = []
    for name in trust.shares:
        removal = trust.together[name]
        told = float(trust.told["share"][name][list(removal.villages)].sum())
        fidelity = trust.fidelity(name)
        said.append(
            text(
                "reasons_shown_sentence",
                language,
                label=label(name, language),
                n=len(removal.villages),
                share=percent_text(trust.shown_share(name)),
                without=amount(name, -removal.loss[name], language),
                told=amount(name, -told, language),
                fidelity="-" if math.isnan(fidelity) else f"{fidelity:.3f}",
            )
        )
    return [*said, *interaction_sentences(explained, language)]


def foretold_sentence(explained: Explained, name: str, language: str) -> str:
    """How many single removals each way foretells, by size and by sign."""
    trust = explained.trust
    counts = {way: trust.foretold(name, way) for way in WAYS}
    close = {way: found[1] for way, found in counts.items()}
    signs = {f"{way}_sign": found[0] for way, found in counts.items()}
    said = label(name, language)
    return text("reasons_foretold_sentence", language, label=said, n=len(trust.single), **close, **signs)


def interaction_sentences(explained: Explained, language: str) -> list[str]:
    """Pairs that lose more, or less, together than alone by a part of what the shown villages lose."""
    trust, ids = explained.trust, explained.resolved.city.villages.village_id
    return [
        said_of(
            label(name, language),
            text(
                "reasons_interaction_sentence",
                language,
                one=ids[pair.villages[0]],
                other=ids[pair.villages[1]],
                value=amount(name, -trust.interaction(name, pair), language),
            ),
            language,
        )
        for name in trust.shares
        for pair in trust.pairs[name]
        if abs(trust.interaction(name, pair)) > LARGE_INTERACTION * abs(trust.together[name].loss[name])
    ]


def completeness_sentence(explained: Explained, language: str) -> str:
    """How far shares miss the change at most, over all outcomes."""
    missing = [
        abs(shares.residue) / size
        for shares in explained.shares.values()
        if (size := float(np.abs(shares.by_village).sum()))
    ]
    return text("reasons_residue_sentence", language, residue=residue_text(max(missing, default=0.0)))


def shapley_sentences(explained: Explained, language: str) -> list[str]:
    """How far Shapley's values over all subsets lie from the shares, where a plan is small enough for them."""
    said = []
    for name, exact in (explained.shapley or {}).items():
        share = explained.shares[name].by_village
        size = float(np.abs(share).sum())
        apart = percent_text(float(np.abs(exact - share).sum()) / size) if size else "-"
        n = 2 ** renewed(explained).size
        said.append(text("reasons_shapley_sentence", language, label=label(name, language), n=n, apart=apart))
    return said


def not_shared_sentences(explained: Explained, language: str) -> list[str]:
    """Objectives that have no shares, and why."""
    labels = [label(name, language) for name in explained.not_shared]
    return [text("reasons_not_shared", language, labels=listed(labels, language))] if labels else []
