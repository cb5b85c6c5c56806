"""Where a plan stands: draft, reviewed, approved or returned, as the log says; and which step may come next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.record.entries import Action, Entry, Person, Role, is_same_person
from data.errors import refuse


class State(StrEnum):
    """How far a plan has come."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True)
class Standing:
    """Where one plan stands.

    Attributes:
        state: how far it has come.
        technical: the technical signature that counts; None = none.
        public: the public one.
        returned: by whom and why it was last returned, where no signature came after it.
        actuals: what was last reported; None = nothing.
        history: every line about the plan.
    """

    state: State = State.DRAFT
    technical: Entry | None = None
    public: Entry | None = None
    returned: Entry | None = None
    actuals: Entry | None = None
    history: tuple[Entry, ...] = ()


def standing_of(entries: Sequence[Entry], subject_digest: str) -> Standing:
    """Where a plan stands after all entries; another plan's entries say nothing of it.

    Args:
        entries: of the log.
        subject_digest: what is signed (SubjectDigests.digest).
    """
    standing = Standing()
    for entry in entries:
        if entry.subject.digest == subject_digest:
            standing = _after(standing, entry)
    return standing


def _after(before: Standing, entry: Entry) -> Standing:
    history = (*before.history, entry)
    if entry.action is Action.RETURN:
        return Standing(State.RETURNED, returned=entry, actuals=before.actuals, history=history)
    if entry.action is Action.ACTUALS:
        return replace(before, actuals=entry, history=history)
    if entry.role is Role.PUBLIC:
        return replace(before, state=State.APPROVED, public=entry, history=history)
    return replace(before, state=State.REVIEWED, technical=entry, returned=None, history=history)


def refuse_wrong_signature(standing: Standing, role: Role, person: Person) -> None:
    """Refuse a signature that is not the next one, or comes from whoever signed before.

    Raises:
        InputError: says what stands there and what to do instead.
    """
    if standing.state is State.APPROVED:
        raise refuse("record_approved_already")
    if role is Role.TECHNICAL and standing.technical is not None:
        signed = standing.technical
        raise refuse("record_technical_already", name=signed.person.name, at=signed.at)
    if role is Role.PUBLIC and standing.technical is None:
        raise refuse("record_technical_first")
    if standing.technical is not None and is_same_person(standing.technical.person, person):
        raise refuse("record_same_person", name=person.name)


def refuse_wrong_return(standing: Standing, comment: str) -> None:
    """Refuse a return without a reason, or of what is returned already.

    Raises:
        InputError: says what to do instead.
    """
    if standing.returned is not None:
        raise refuse("record_returned_already", name=standing.returned.person.name, at=standing.returned.at)
    if not comment:
        raise refuse("record_return_without_reason")


def refuse_actuals_of_unapproved(standing: Standing) -> None:
    """Refuse to note what came of a plan that nobody approved.

    Raises:
        InputError: says which signature is missing.
    """
    if standing.state is not State.APPROVED:
        raise refuse("record_actuals_unapproved")
