"""What a line of the log says: who signed, returned or reported on which plan, as whom, and with what words."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.record.log import Log, log_path
from data.errors import refuse

ENTRY_FORMAT: Final = 1
LONGEST_NAME, LONGEST_COMMENT = 80, 2_000


class Role(StrEnum):
    """As whom somebody signs: 双签字 wants both, in this order."""

    TECHNICAL = "technical"
    PUBLIC = "public"


class Action(StrEnum):
    """What a line is about."""

    SIGN = "sign"
    RETURN = "return"
    ACTUALS = "actuals"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Person(_Part):
    """Whoever acts.

    Attributes:
        name: as it is shown.
        identity: by which a sign-in knows them; None = the name was typed.
        verified: whether a sign-in vouches for the name.
        role_verified: whether the list of signatories vouches for the role.
    """

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    identity: str | None = Field(default=None, max_length=200)
    verified: bool = False
    role_verified: bool = False


class SubjectDigests(_Part):
    """The plan that a line is about, and all that its numbers rest on.

    Attributes:
        plan_id: in the run, or of the edited plan in the record.
        plan: SHA-256 of the decisions.
        city: digest.
        scenario: digest, without its parameters.
        parameters: digest.
        model_version: of the kernel.
        exceptions: SHA-256 of the exceptions from rules that were granted for it; empty = none, as in every line of
            before exceptions were signed.
        digest: SHA-256 of all of it but the id: what is signed.
    """

    plan_id: str
    plan: str
    city: str
    scenario: str
    parameters: str
    model_version: int
    exceptions: str = ""
    digest: str


class ActualsEntry(_Part):
    """Which actuals were reported.

    Attributes:
        digest: SHA-256 of the file in the record's folder.
        n_rows: rows of it.
        last_year: last programme year in it.
    """

    digest: str
    n_rows: int = Field(ge=1)
    last_year: int = Field(ge=1)


class Entry(_Part):
    """A line of the log.

    Attributes:
        format: of the line.
        n: from 1.
        previous: SHA-256 of the line before.
        at: time, ISO 8601, UTC.
        action: what was done.
        subject: on which plan.
        role: as whom.
        person: by whom.
        comment: in their words.
        broken: hard rules that the plan broke then.
        actuals: what was reported.
    """

    format: Literal[1] = ENTRY_FORMAT
    n: int = Field(default=0, ge=0)
    previous: str = ""
    at: str = ""
    action: Action = Field(strict=False)
    subject: SubjectDigests
    role: Role | None = Field(default=None, strict=False)
    person: Person
    comment: str = Field(default="", max_length=LONGEST_COMMENT)
    broken: tuple[str, ...] = Field(default=(), strict=False)
    actuals: ActualsEntry | None = None

    def said(self) -> dict[str, Any]:
        """What the log adds to the chain."""
        said = self.model_dump(mode="json", exclude={"n", "previous", "at"})
        if not self.subject.exceptions:
            del said["subject"]["exceptions"]
        return said


def entries_of(log: Log, run: Path) -> tuple[Entry, ...]:
    """The lines as entries.

    Args:
        log: whose chain holds.
        run: its folder, for the refusal.

    Raises:
        InputError: a line is none that this program knows, as a later program may write one.
    """
    entries = []
    for n, line in enumerate(log.lines, start=1):
        try:
            entries.append(Entry.model_validate_json(line))
        except ValidationError as error:
            field = ".".join(str(step) for step in error.errors(include_url=False)[0]["loc"])
            raise refuse("record_line_unknown", file=log_path(run), n=n, field=field) from None
    return tuple(entries)


def typed_person(name: str) -> Person:
    """Somebody whose name was typed, and that nobody vouches for.

    Raises:
        InputError: there is no name, or it is too long.
    """
    return Person(name=checked_name(name))


def checked_name(name: str) -> str:
    """A name in one spelling, on one line.

    Raises:
        InputError: it is blank, too long, or holds what cannot be printed.
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise refuse("record_name_wrong", layer="--name", most=LONGEST_NAME)
    return plain


def checked_comment(comment: str) -> str:
    """A comment without blanks around it.

    Raises:
        InputError: it is too long.
    """
    plain = unicodedata.normalize("NFC", comment).replace("\r\n", "\n").strip()
    if len(plain) > LONGEST_COMMENT or "\0" in plain:
        raise refuse("record_comment_long", layer="--comment", n=len(plain), most=LONGEST_COMMENT)
    return plain


def is_same_person(one: Person, other: Person) -> bool:
    """Whether two are the same: by what a sign-in knows them by, or by name, however it is spaced and capitalized."""
    same_identity = one.identity is not None and one.identity.casefold() == (other.identity or "").casefold()
    return same_identity or _key(one.name) == _key(other.name)


def _key(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
