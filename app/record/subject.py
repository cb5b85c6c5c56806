"""What is signed: the decisions of a plan, with the city, the scenario, the parameters and the model behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.compliance.exception_files import exceptions_of_run, exceptions_yaml, kept_exceptions, read_exceptions
from app.compliance.exceptions import GrantedException, bound, exceptions_digest
from app.files.atomic import replaced
from app.files.names import without_formulas
from app.plans.tables import plan_digest, plan_rows
from app.record.entries import Entry, SubjectDigests
from app.record.log import RECORD_FOLDER
from app.runs.names import EDITED
from app.runs.plan_files import read_plan
from app.runs.record import digests
from app.runs.run_folder import Run
from data.errors import refuse
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.model_version import MODEL_VERSION
from envs.kernel.plans import canonical

DIGITS = 16
"""Of a digest, in the name of a file."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A plan that may be signed.

    Attributes:
        run: folder of its run.
        resolved: what it is evaluated with.
        plan: canonical batch of one plan.
        digests: of it and of what its numbers rest on.
        exceptions: from rules, granted for it as it is.
    """

    run: Path
    resolved: ResolvedScenario
    plan: Plans
    digests: SubjectDigests
    exceptions: tuple[GrantedException, ...] = ()

    @property
    def plan_file(self) -> Path:
        """The decisions as the record keeps them."""
        return kept_plan_file(self.run, self.digests)


def subject_of(run: Run, plan_id: str, plan: Plans) -> Subject:
    """A plan of a run, or an edited one, as what may be signed.

    Args:
        run: of the plan.
        plan_id: of the plan; one whose decisions are not the run's is called edited, with digits of its digest.
        plan: batch of one plan.

    Raises:
        InputError: the file of its exceptions is malformed.
    """
    plan = canonical(plan)
    digest, parts = plan_digest(plan), digests(run.resolved)
    exceptions = _exceptions_of(run, plan_id, digest)
    granted = exceptions_digest(exceptions)
    base = plan_id.partition(EDITED)[0]
    edited = base not in run.plan_ids or plan_digest(run.plan(base)) != digest
    named = f"{base}{EDITED}-{digest[:8]}" if edited else base
    return Subject(
        run=run.folder,
        resolved=run.resolved,
        plan=plan,
        digests=SubjectDigests(
            plan_id=named,
            plan=digest,
            city=parts.city,
            scenario=parts.scenario,
            parameters=parts.parameters,
            model_version=MODEL_VERSION,
            exceptions=granted,
            digest=signed_digest(digest, parts.city, parts.scenario, parts.parameters, MODEL_VERSION, granted),
        ),
        exceptions=exceptions,
    )


def _exceptions_of(run: Run, plan_id: str, digest: str) -> tuple[GrantedException, ...]:
    """Exceptions that lie beside the plan and were granted for it as it is, under this scenario."""
    kept = bound(kept_exceptions(exceptions_of_run(run.folder, plan_id), run.resolved), digest, run.resolved.digest)
    return tuple(item for item in kept if (item.plan_digest, item.scenario_digest) == (digest, run.resolved.digest))


def signed_digest(
    plan: str, city: str, scenario: str, parameters: str, model_version: int, exceptions: str = ""
) -> str:
    """SHA-256 of everything that a signature is on; a plan without exceptions is signed as before there were any."""
    parts = (plan, city, scenario, parameters, str(model_version), *([exceptions] if exceptions else []))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def named_subject(run: Run, plan_id: str, entries: Sequence[Entry]) -> Subject:
    """The plan that an id names: one of the run, or an edited one that the record keeps.

    Raises:
        InputError: neither knows the id, or what the record kept of it was changed.
    """
    if plan_id in run.plan_ids:
        return subject_of(run, plan_id, run.plan(plan_id))
    for entry in reversed(entries):
        if entry.subject.plan_id == plan_id:
            return subject_of(run, plan_id, read_kept_plan(run.folder, run.resolved, entry.subject))
    return subject_of(run, plan_id, run.plan(plan_id))  # refuses the id


def kept_plan_file(run: Path, subject: SubjectDigests) -> Path:
    """Where the record keeps the decisions of a plan that somebody signed, returned or reported on."""
    return run / RECORD_FOLDER / f"plan-{subject.plan[:DIGITS]}.csv"


def kept_exceptions_file(run: Path, subject: SubjectDigests) -> Path:
    """Where the record keeps the exceptions with which a plan was signed."""
    return run / RECORD_FOLDER / f"exceptions-{subject.exceptions[:DIGITS]}.yaml"


def keep_plan(subject: Subject) -> None:
    """Write decisions (as PLAN.csv) and exceptions beside the log, where they do not lie there already.

    Raises:
        InputError: the disk refuses.
    """
    rows = plan_rows(subject.plan, subject.resolved.city.villages.village_id)
    _keep(subject.plan_file, without_formulas(rows[rows["start_year"] > 0]).to_csv(index=False).encode())
    if subject.exceptions:
        kept = exceptions_yaml(subject.exceptions).encode()
        _keep(kept_exceptions_file(subject.run, subject.digests), kept)


def _keep(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(exist_ok=True)
    with replaced(path) as partial:
        partial.write_bytes(content)


def read_kept_plan(run: Path, resolved: ResolvedScenario, subject: SubjectDigests) -> Plans:
    """The decisions that were signed, as the record keeps them.

    Raises:
        InputError: the file is missing or malformed, or decides otherwise than what was signed.
    """
    path = kept_plan_file(run, subject)
    plan = read_plan(path, resolved.city, resolved.scenario.plan_years)
    if plan_digest(plan) != subject.plan:
        raise refuse("record_plan_changed", file=path, plan=subject.plan_id, digest=subject.plan[:12])
    return plan


def check_kept_exceptions(run: Path, resolved: ResolvedScenario, subject: SubjectDigests) -> None:
    """Check the exceptions with which a plan was signed, as the record keeps them.

    Raises:
        InputError: the file is missing or malformed, or grants otherwise than what was signed.
    """
    if not subject.exceptions:
        return
    path = kept_exceptions_file(run, subject)
    if exceptions_digest(read_exceptions(path, resolved)) != subject.exceptions:
        raise refuse("record_exceptions_changed", file=path, plan=subject.plan_id, digest=subject.exceptions[:12])
