"""The record as people read it: where a plan stands, and who did what when."""

from __future__ import annotations

from collections.abc import Sequence

from app.record.entries import Action, Entry, SubjectDigests
from app.record.log import Log
from app.record.standing import Standing
from app.record.verification import Verified
from app.words.console import list_text
from data.catalogue import catalogue, text
from data.errors import printable

COLUMNS = ("n", "at", "plan", "action", "person", "comment")


def standing_text(subject: SubjectDigests, standing: Standing, entries: Sequence[Entry], language: str) -> str:
    """State of a plan and the step that comes next, in a line; another one if other content was signed under its id."""
    line = text(
        "record_plan_line",
        language,
        plan=subject.plan_id,
        state=text(f"record_state_{standing.state}", language),
        next=text(f"record_next_{standing.state}", language),
    )
    others = [e for e in entries if e.subject.plan_id == subject.plan_id and e.subject.digest != subject.digest]
    if not others:
        return line
    other = text("record_of_another", language, plan=subject.plan_id, digest=others[-1].subject.digest[:12])
    return f"{line}\n{other}"


def head_text(log: Log, language: str) -> str:
    """How many entries there are, and the head."""
    if not log.lines:
        return text("record_empty", language)
    return text("record_head_line", language, n=len(log.lines), head=log.head)


def entries_text(entries: Sequence[Entry], language: str) -> str:
    """The entries as a table; empty for none."""
    header = [text(f"record_column_{name}", language) for name in COLUMNS]
    return list_text([header, *(entry_row(entry, language) for entry in entries)]) if entries else ""


def entry_row(entry: Entry, language: str) -> tuple[str, ...]:
    """What an entry says, in the order of COLUMNS."""
    comment = [printable(entry.comment)] if entry.comment else []
    if entry.broken:
        names = [text(f"rule_{rule}", language) if f"rule_{rule}" in catalogue() else rule for rule in entry.broken]
        comment.append(text("record_broken", language, rules=names))
    if entry.actuals is not None:
        comment.append(text("record_actuals_of", language, n=entry.actuals.n_rows, year=entry.actuals.last_year))
    return (
        str(entry.n),
        entry.at.replace("T", " ").removesuffix("Z"),
        entry.subject.plan_id,
        action_text(entry, language),
        person_text(entry, language),
        text("clause_separator", language).join(comment),
    )


def action_text(entry: Entry, language: str) -> str:
    """What was done, and as whom."""
    if entry.action is Action.SIGN:
        return text(f"record_action_sign_{entry.role}", language)
    said = text(f"record_action_{entry.action}", language)
    if entry.role is None:
        return said
    return text("record_beside", language, name=said, beside=text(f"record_role_{entry.role}", language))


def person_text(entry: Entry, language: str) -> str:
    """By whom, and what nobody vouches for."""
    person, doubts = entry.person, []
    if not person.verified:
        doubts.append(text("record_unverified", language))
    elif entry.role is not None and not person.role_verified:
        doubts.append(text("record_role_unverified", language))
    named = person.name if person.identity in (None, person.name) else f"{person.name}, {person.identity}"
    return text("record_beside", language, name=printable(named), beside=doubts) if doubts else printable(named)


def verified_text(verified: Verified, head: str | None, language: str) -> str:
    """What was found to hold."""
    n = len(verified.log.lines)
    if n == 0:
        return text("record_empty", language)
    if verified.n_plans is None:
        lines = [text("record_chain_holds", language, n=n)]
    else:
        lines = [text("record_verified", language, n=n, plans=verified.n_plans, actuals=verified.n_actuals)]
    if verified.since is not None and head is not None:
        lines.append(text("record_since", language, head=head.strip().lower(), n=verified.since))
    return "\n".join([*lines, head_text(verified.log, language)])
