"""What reports, exports and the evidence package say of the record: where the plan stands, who signed, and the head."""

from __future__ import annotations

from app.record.entries import entries_of
from app.record.log import read_log
from app.record.record_text import action_text, head_text, person_text
from app.record.standing import Standing, standing_of
from app.record.subject import subject_of
from app.runs.run_folder import Run
from data.catalogue import text
from data.errors import InputError


def record_lines(run: Run, plan_id: str, language: str) -> tuple[str, ...]:
    """State, signatures and head, a line each; of a record that is broken, what is wrong with it.

    Args:
        run: with its folder.
        plan_id: one of its plans, an edited one among them.
        language: en or zh.
    """
    plan = run.plan(plan_id)
    try:
        subject = subject_of(run, plan_id, plan).digests
        log = read_log(run.folder)
        standing = standing_of(entries_of(log, run.folder), subject.digest)
    except InputError as error:
        return (error.text(language),)
    state = text(f"record_state_{standing.state}", language)
    return (state, *_signatures(standing, language), head_text(log, language))


def record_head(run: Run) -> str | None:
    """The head of a run's record; None where nothing is recorded, or the record is broken."""
    try:
        return read_log(run.folder).head or None
    except InputError:
        return None


def _signatures(standing: Standing, language: str) -> list[str]:
    entries = [entry for entry in (standing.technical, standing.public, standing.returned) if entry is not None]
    return [
        text(
            "record_signed_line",
            language,
            action=action_text(entry, language),
            person=person_text(entry, language),
            at=entry.at.replace("T", " ").removesuffix("Z"),
        )
        for entry in entries
    ]
