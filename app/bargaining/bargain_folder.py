"""The folder that `renewal bargain` writes: projects, offers, packages, terms, the agreed plan, and what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.bargaining.bargain_frames import (
    offers_frame,
    packages_frame,
    pool_offers_frame,
    pools_frame,
    projects_frame,
    rounds_frame,
    terms_frame,
)
from app.bargaining.bargained_plan import BargainedPlan
from app.bargaining.spoken import Spoken, statements_frame
from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.language_model.conversation import TRANSCRIPT_FILE, write_transcript
from app.plans.tables import plan_rows
from app.runs.about_tables import about_tables
from data.catalogue import text

PLAN_FILE = "bargained.csv"


def write_bargain(
    out: Path, bargained: BargainedPlan, *, city: str, plan_id: str, run: str, spoken: Spoken | None = None
) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        bargained: the plan.
        city: name or path as it was given.
        plan_id: of the plan.
        run: folder of its run.
        spoken: what the parties say in the words of a language model; None = none was asked.

    Raises:
        InputError: the folder cannot be written.
    """
    with new_folder(out) as draft:
        without_formulas(projects_frame(bargained)).to_csv(draft / "projects.csv", index=False)
        without_formulas(offers_frame(bargained)).to_csv(draft / "offers.csv", index=False)
        without_formulas(terms_frame(bargained)).to_csv(draft / "terms.csv", index=False)
        rounds_frame(bargained).to_csv(draft / "rounds.csv", index=False)
        packages_frame(bargained).to_parquet(draft / "packages.parquet", index=False)
        if bargained.pooled is not None:
            without_formulas(pools_frame(bargained, bargained.pooled)).to_csv(draft / "pools.csv", index=False)
            offers = without_formulas(pool_offers_frame(bargained, bargained.pooled))
            offers.to_csv(draft / "pool_offers.csv", index=False)
        plan_rows(bargained.agreed_plan, bargained.resolved.city.villages.village_id).to_csv(
            draft / PLAN_FILE, index=False
        )
        if spoken is not None:
            without_formulas(statements_frame(spoken)).to_csv(draft / "statements.csv", index=False)
            write_transcript(draft / TRANSCRIPT_FILE, spoken.conversation)
        model = {} if spoken is None else {"language_model": spoken.conversation.endpoint.model}
        write_json(draft / "about.json", _about(bargained, city, plan_id, run) | model)


def _about(bargained: BargainedPlan, city: str, plan_id: str, run: str) -> dict[str, Any]:
    resolved = bargained.resolved
    said = about_tables(
        "bargain", resolved, city, command="bargain", more_digests={"bargaining": resolved.book.bargaining_digest}
    )
    return said | {
        "note": text("bargain_note", "en"),
        "run": run,
        "plan_id": plan_id,
        "seed": bargained.negotiation.seed,
        "settled": bargained.is_settled,
        "n_draws": bargained.n_draws,
    }
