"""Signatures: two of different roles by different persons, in their order; every wrong step is refused by its key."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from app.compliance.exception_files import exceptions_of_run, write_exceptions
from app.compliance.exceptions import GrantedException
from app.record.entries import ActualsEntry, Person, Role, entries_of, typed_person
from app.record.log import read_log
from app.record.signing import note_actuals, send_back, sign
from app.record.standing import State, standing_of
from app.record.subject import Subject, kept_exceptions_file, named_subject, read_kept_plan, subject_of
from app.record.verification import verify
from app.runs.names import EDITED
from app.runs.run_folder import Run, load_run
from data.errors import InputError
from envs.kernel import Plans

LI, WANG = typed_person("Li Lei"), typed_person("王芳")


@pytest.fixture
def own_run(run: Run, tmp_path: Path) -> Run:
    """The run of the tests with a record of its own."""
    (tmp_path / "record").mkdir()
    return replace(run, folder=tmp_path)


@pytest.fixture
def subject(own_run: Run) -> Subject:
    return subject_of(own_run, "p001", own_run.plan("p001"))


def key_of(work: Callable[[], object]) -> str:
    with pytest.raises(InputError) as error:
        work()
    error.value.text("zh")
    return str(error.value.refusals[0].message.key)


def kept_one_less(run: Run) -> Plans:
    """The first plan without the first of its villages."""
    plan = run.plan("p002")
    start = plan.start_year.copy()
    start[0, np.flatnonzero(start[0])[0]] = 0
    return replace(plan, start_year=start)


def test_a_plan_is_reviewed_then_approved_by_two_persons(subject: Subject) -> None:
    reviewed = sign(subject, LI, Role.TECHNICAL, "floor areas checked")
    assert (reviewed.state, reviewed.public) == (State.REVIEWED, None)
    approved = sign(subject, WANG, Role.PUBLIC)
    assert approved.state is State.APPROVED
    assert [entry.person.name for entry in approved.history] == ["Li Lei", "王芳"]
    assert not any(entry.person.verified for entry in approved.history)
    assert approved.technical is not None
    assert approved.technical.comment == "floor areas checked"
    again = standing_of(entries_of(read_log(subject.run), subject.run), subject.digests.digest)
    assert again == approved


def test_wrong_steps_are_refused_and_write_nothing(subject: Subject) -> None:
    assert key_of(lambda: sign(subject, WANG, Role.PUBLIC)) == "record_technical_first"
    assert key_of(lambda: send_back(subject, LI, Role.TECHNICAL, " \n")) == "record_return_without_reason"
    actuals = ActualsEntry(digest="0" * 64, n_rows=1, last_year=1)
    assert key_of(lambda: note_actuals(subject, LI, actuals)) == "record_actuals_unapproved"
    assert key_of(lambda: sign(subject, LI, Role.TECHNICAL, "x" * 2_001)) == "record_comment_long"
    assert read_log(subject.run).lines == ()
    sign(subject, LI, Role.TECHNICAL)
    assert key_of(lambda: sign(subject, WANG, Role.TECHNICAL)) == "record_technical_already"
    for same in ("li  lei", " LI LEI ", "ＬｉLei"):
        assert key_of(partial(sign, subject, typed_person(same), Role.PUBLIC)) == "record_same_person"
    sign(subject, WANG, Role.PUBLIC)
    assert key_of(lambda: sign(subject, typed_person("C"), Role.PUBLIC)) == "record_approved_already"
    assert key_of(lambda: sign(subject, typed_person("C"), Role.TECHNICAL)) == "record_approved_already"
    assert len(read_log(subject.run).lines) == 2
    for name in ("", "  ", "x" * 81, "a\x00b"):
        assert key_of(partial(typed_person, name)) == "record_name_wrong"


def test_one_signed_in_under_two_names_is_one_person(subject: Subject) -> None:
    sign(subject, Person(name="Li", identity="li@example.org", verified=True), Role.TECHNICAL)
    other_name = Person(name="Lei", identity="LI@example.org", verified=True)
    assert key_of(lambda: sign(subject, other_name, Role.PUBLIC)) == "record_same_person"


def test_a_returned_plan_begins_anew(subject: Subject) -> None:
    sign(subject, LI, Role.TECHNICAL)
    returned = send_back(subject, WANG, Role.PUBLIC, "the school is missing")
    assert (returned.state, returned.technical, returned.public) == (State.RETURNED, None, None)
    assert key_of(lambda: send_back(subject, WANG, Role.PUBLIC, "again")) == "record_returned_already"
    assert key_of(lambda: sign(subject, LI, Role.PUBLIC)) == "record_technical_first"
    sign(subject, WANG, Role.TECHNICAL)
    approved = sign(subject, LI, Role.PUBLIC)
    assert (approved.state, approved.returned) == (State.APPROVED, None)
    assert send_back(subject, LI, Role.PUBLIC, "withdrawn").state is State.RETURNED


def test_an_edited_plan_is_another_plan(own_run: Run, subject: Subject) -> None:
    sign(subject, LI, Role.TECHNICAL)
    edited = subject_of(own_run, "p002-edited", kept_one_less(own_run))
    entries = entries_of(read_log(own_run.folder), own_run.folder)
    assert standing_of(entries, edited.digests.digest).state is State.DRAFT
    assert edited.digests.plan_id == f"p002{EDITED}-{edited.digests.plan[:8]}"
    sign(edited, WANG, Role.TECHNICAL, "breaks what it breaks")
    entries = entries_of(read_log(own_run.folder), own_run.folder)
    found = named_subject(own_run, edited.digests.plan_id, entries)
    assert found.digests == edited.digests
    assert standing_of(entries, found.digests.digest).state is State.REVIEWED
    assert standing_of(entries, subject.digests.digest).state is State.REVIEWED
    assert key_of(lambda: named_subject(own_run, "p999", entries)) == "plan_unknown_in_run"


def test_what_was_signed_is_kept_and_a_change_of_it_found(subject: Subject) -> None:
    sign(subject, LI, Role.TECHNICAL)
    np.testing.assert_array_equal(
        read_kept_plan(subject.run, subject.resolved, subject.digests).floor_area_ratio, subject.plan.floor_area_ratio
    )
    text = subject.plan_file.read_text()
    first = text.splitlines()[1].split(",")
    first[1] = "1" if first[1] != "1" else "2"
    subject.plan_file.write_text(text.replace(text.splitlines()[1], ",".join(first)))
    assert key_of(partial(read_kept_plan, subject.run, subject.resolved, subject.digests)) == "record_plan_changed"


def test_exceptions_are_signed_with_the_plan(own_run: Run, subject: Subject) -> None:
    """Without any a line is what it always was; one that is granted later asks for new signatures."""
    sign(subject, LI, Role.TECHNICAL)
    (line,) = read_log(own_run.folder).lines
    assert "exceptions" not in line
    item = GrantedException("facility_ratio", (), "the sites are too small", "Li Lei", "district")
    path = exceptions_of_run(own_run.folder, "p001")
    write_exceptions(path, [item])
    granted = subject_of(own_run, "p001", own_run.plan("p001"))
    assert granted.digests.plan == subject.digests.plan
    entries = entries_of(read_log(own_run.folder), own_run.folder)
    assert standing_of(entries, granted.digests.digest).state is State.DRAFT
    sign(granted, WANG, Role.TECHNICAL)
    assert verify(own_run.folder, own_run.resolved).n_plans == 1
    write_exceptions(path, [replace(item, plan_digest="0" * 64)])
    assert subject_of(own_run, "p001", own_run.plan("p001")).digests == subject.digests
    kept = kept_exceptions_file(own_run.folder, granted.digests)
    kept.write_text(kept.read_text().replace("too small", "too large"))
    assert key_of(lambda: verify(own_run.folder, own_run.resolved)) == "record_exceptions_changed"


def test_a_plan_that_breaks_a_hard_rule_is_signed_with_a_reason_alone(own_run: Run) -> None:
    plan = own_run.plan("p001")
    crowded = replace(plan, facility_ratio=np.where(plan.start_year > 0, 0.9, 0.0))
    broken = subject_of(own_run, "p001", crowded)
    assert key_of(lambda: sign(broken, LI, Role.TECHNICAL)) == "record_broken_without_reason"
    standing = sign(broken, LI, Role.TECHNICAL, "an exception of the district")
    assert "facility_ratio" in standing.history[0].broken


def test_two_who_sign_at_once_do_not_lose_one(subject: Subject) -> None:
    """Of four public signatures at once one counts, and the others are told that the plan is approved."""
    sign(subject, LI, Role.TECHNICAL)
    pids = []
    for name in "ABCD":
        pid = os.fork()
        if pid == 0:
            try:
                sign(subject, typed_person(name), Role.PUBLIC)
                os._exit(0)
            except InputError as error:
                os._exit(3 if error.refusals[0].message.key == "record_approved_already" else 4)
            finally:
                os._exit(5)
        pids.append(pid)
    codes = sorted(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids)
    assert codes == [0, 3, 3, 3]
    assert len(read_log(subject.run).lines) == 2


def test_a_run_read_again_has_the_same_subject(own_run: Run, run: Run, subject: Subject) -> None:
    again = load_run(run.folder)
    assert subject_of(again, "p001", again.plan("p001")).digests == subject.digests
    others = {subject_of(own_run, name, own_run.plan(name)).digests.digest for name in own_run.plan_ids}
    assert len(others) == len(own_run.plan_ids)
