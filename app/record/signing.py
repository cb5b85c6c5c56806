"""Signing and returning a plan: each step is checked against the log while nobody else can write in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.plans.rule_table import broken_hard_rules
from app.record.entries import Action, ActualsEntry, Entry, Person, Role, checked_comment, entries_of
from app.record.log import Log, append_line
from app.record.standing import (
    Standing,
    refuse_actuals_of_unapproved,
    refuse_wrong_return,
    refuse_wrong_signature,
    standing_of,
)
from app.record.subject import Subject, keep_plan
from data.errors import refuse
from envs.rules.check import check


def sign(subject: Subject, person: Person, role: Role, comment: str = "") -> Standing:
    """Sign a plan: first as technical, then, by somebody else, as public.

    Args:
        subject: the plan.
        person: who signs.
        role: as whom.
        comment: in their words; needed where the plan breaks a hard rule.

    Returns:
        Where the plan stands then.

    Raises:
        InputError: the signature is not the next one, comes from the same person, or lacks a reason; the log is broken
            or cannot be written. Nothing is written then.
    """
    comment = checked_comment(comment)
    broken = tuple(broken_hard_rules(check(subject.resolved, subject.plan)))
    if broken and not comment:
        raise refuse("record_broken_without_reason", rules=broken)

    def entry(standing: Standing) -> Entry:
        refuse_wrong_signature(standing, role, person)
        return Entry(
            action=Action.SIGN, subject=subject.digests, role=role, person=person, comment=comment, broken=broken
        )

    return _noted(subject, entry)


def send_back(subject: Subject, person: Person, role: Role, comment: str) -> Standing:
    """Return a plan with a reason; its signatures then count no more.

    Raises:
        InputError: it is returned already, or there is no reason; else as `sign`.
    """
    comment = checked_comment(comment)

    def entry(standing: Standing) -> Entry:
        refuse_wrong_return(standing, comment)
        return Entry(action=Action.RETURN, subject=subject.digests, role=role, person=person, comment=comment)

    return _noted(subject, entry)


def note_actuals(
    subject: Subject,
    person: Person,
    actuals: ActualsEntry,
    comment: str = "",
    *,
    keep: Callable[[], None] | None = None,
) -> Standing:
    """Note in the log which actuals were reported on an approved plan.

    Args:
        subject: the plan.
        person: who reports.
        actuals: what the log says of them.
        comment: in their words.
        keep: writes the file that the line names, before the line.

    Raises:
        InputError: nobody approved the plan; else as `sign`.
    """
    comment = checked_comment(comment)

    def entry(standing: Standing) -> Entry:
        refuse_actuals_of_unapproved(standing)
        return Entry(action=Action.ACTUALS, subject=subject.digests, person=person, comment=comment, actuals=actuals)

    return _noted(subject, entry, keep)


def _noted(subject: Subject, entry: Callable[[Standing], Entry], keep: Callable[[], None] | None = None) -> Standing:
    """Append what is said of the plan as it stands; the plan is kept before the line that names it."""

    def said(log: Log) -> Mapping[str, Any]:
        made = entry(standing_of(entries_of(log, subject.run), subject.digests.digest))
        keep_plan(subject)
        if keep is not None:
            keep()
        return made.said()

    log = append_line(subject.run, said)
    return standing_of(entries_of(log, subject.run), subject.digests.digest)
