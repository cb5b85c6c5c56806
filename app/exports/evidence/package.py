"""An evidence package written: the same bytes for the same content, with a digest of every file."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.compliance.matrix import Compliance
from app.exports.evidence.contents import Evidence, csv_bytes, dictionary_frame, gather, json_bytes
from app.exports.evidence.explanation import find_explanation, read_explanation
from app.exports.evidence.page import MANIFEST, PAGES, SUMS, page_bytes
from app.plans.tables import PlanTables
from app.record.printed import record_head
from app.runs.run_folder import Run
from data.catalogue import LANGUAGES, text
from envs.kernel.model_version import MODEL_VERSION

FORMAT = "renewal-evidence"
FORMAT_VERSION = 1
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time that every member has: no clock in the archive, so that equal content has equal bytes."""
READABLE = 0o100644 << 16


def write_package(path: Path, run: Run, plan_id: str, tables: PlanTables, found: Compliance) -> None:
    """Write the package of a plan, with the explanation that lies beside the run if there is one.

    Args:
        path: .zip to write.
        run: of the plan.
        plan_id: one of its plans.
        tables: of the plan.
        found: the plan against its rules.

    Raises:
        InputError: the self-check fails, the record is broken, or the city lies nowhere on the globe.
    """
    write_package_with(path, run, plan_id, tables, found, find_explanation(run, plan_id))


def write_package_with(
    path: Path, run: Run, plan_id: str, tables: PlanTables, found: Compliance, explanation: Path | None
) -> None:
    """The same with the folder of an explanation, or none.

    Raises:
        InputError: as `write_package`, or the folder explains something else.
    """
    explained = {} if explanation is None else read_explanation(explanation, run, plan_id)
    with tempfile.TemporaryDirectory() as folder:
        evidence = gather(run, plan_id, tables, found, explained, Path(folder))
    members = package_members(evidence)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(members):
            member = zipfile.ZipInfo(name, EARLIEST)
            member.create_system, member.external_attr, member.compress_type = 3, READABLE, zipfile.ZIP_DEFLATED
            archive.writestr(member, members[name], compresslevel=9)


def package_members(evidence: Evidence) -> dict[str, bytes]:
    """Path -> content of everything in the package."""
    files = dict(evidence.files)
    files["dictionary.csv"] = csv_bytes(dictionary_frame(files))
    files["README.txt"] = "\n\n".join(text("evidence_readme", language) for language in LANGUAGES).encode() + b"\n"
    sizes = {name: len(files[name]) for name in sorted(files)}
    pages = {PAGES[language]: page_bytes(evidence, sizes, language) for language in LANGUAGES}
    files |= pages
    files[MANIFEST] = json_bytes(manifest(evidence, files))
    return files | {SUMS: sums(files)}


def manifest(evidence: Evidence, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Of what the package is, and size and digest of every file but itself and the list of sums."""
    run, found = evidence.run, evidence.found
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "program": f"renewal {version('urban-renewal-simulator')}",
        "model_version": MODEL_VERSION,
        "note": {language: text("screening", language) for language in LANGUAGES},
        "city": run.resolved.city.name,
        "scenario": run.resolved.scenario.name,
        "run": run.folder.name,
        "run_created": run.record.created,
        "plan_id": evidence.plan_id,
        "plan_digest": evidence.tables.digest,
        "digests": dict(run.record.digests.pairs()),
        "valid": not found.broken_hard,
        "level": found.level,
        "exceptions": len(found.exceptions),
        "exceptions_counting": len(found.standing()),
        "record_head": record_head(run),
        "self_check": all(check.holds for check in evidence.checks),
        "files": [
            {"path": name, "bytes": len(files[name]), "sha256": digest_of(files[name])} for name in sorted(files)
        ],
    }


def sums(files: Mapping[str, bytes]) -> bytes:
    """Digests as `sha256sum -c` reads them."""
    return "".join(f"{digest_of(files[name])}  {name}\n" for name in sorted(files)).encode("utf-8")


def digest_of(content: bytes) -> str:
    """SHA-256."""
    return hashlib.sha256(content).hexdigest()
