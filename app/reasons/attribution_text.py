"""What `renewal explain` says of the attribution: outcomes, the largest shares in sentences, and the trust in them."""

from __future__ import annotations

import math

import numpy as np

from app.reasons.attribution_frames import renewed
from app.reasons.attribution_words import (
    amount,
    completeness_sentence,
    foretold_sentence,
    label,
    largest,
    not_shared_sentences,
    shapley_sentences,
    trust_sentences,
    village_sentence,
)
from app.reasons.explained import Explained
from app.words.console import COLUMNS, filled, percent_text, table_text
from data.catalogue import text
from envs.reasons.trust import N_SHOWN

N_TOLD = 5
"""Villages of each objective that are told in a sentence on the command line."""


def attribution_text(explained: Explained, language: str) -> str:
    """The chapter as it is printed."""
    head = text("reasons_headline", language, n=renewed(explained).size, plan=explained.plan_id)
    parts = [f"{head}\n{_outcomes(explained, language)}"]
    for name in explained.objective_shares:
        sentences = [
            *(village_sentence(explained, name, village, language) for village in largest(explained, name, N_TOLD)),
            foretold_sentence(explained, name, language),
        ]
        title = text("reasons_largest", language, label=label(name, language))
        parts.append("\n".join([title, *_filled(sentences)]))
    notes = [
        *trust_sentences(explained, language),
        *shapley_sentences(explained, language),
        completeness_sentence(explained, language),
        *not_shared_sentences(explained, language),
    ]
    return "\n\n".join([*parts, "\n".join(_filled(notes))])


def _outcomes(explained: Explained, language: str) -> str:
    header = [
        text("reasons_column_outcome", language),
        text("reasons_column_change", language),
        text("reasons_column_shown", language, n=N_SHOWN),
        text("reasons_column_fidelity", language),
    ]
    rows = []
    for name, shares in explained.shares.items():
        size = np.sort(np.abs(shares.by_village))[::-1]
        fidelity = explained.trust.fidelity(name) if name in explained.trust.shares else math.nan
        rows.append(
            [
                label(name, language),
                amount(name, shares.after - shares.before, language),
                percent_text(float(size[:N_SHOWN].sum() / size.sum())) if size.sum() else "-",
                "-" if math.isnan(fidelity) else f"{fidelity:.3f}",
            ]
        )
    return table_text(header, rows, header_width=24)


def _filled(sentences: list[str]) -> list[str]:
    return [line for sentence in sentences for line in filled(sentence, COLUMNS)]
