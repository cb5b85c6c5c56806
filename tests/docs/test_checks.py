"""One list of checks: that of the Makefile; hooks, CI and the pages about them agree with it."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml

from page_fixtures import ROOT


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def checks() -> list[str]:
    (line,) = re.findall(r"^CHECKS := (.*)$", read("Makefile"), flags=re.MULTILINE)
    return str(line).split()


def test_every_check_is_a_target() -> None:
    targets = re.findall(r"^([\w-]+):", read("Makefile"), flags=re.MULTILINE)
    assert set(checks()) <= set(targets)


def test_hooks_are_local_and_are_the_checks() -> None:
    (repository,) = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    assert [hook["id"] for hook in repository["hooks"]] == checks()
    assert all(hook["entry"] == f"make -s {hook['id']}" for hook in repository["hooks"])
    assert all(hook["language"] == "system" for hook in repository["hooks"])


def test_ci_runs_the_same_with_no_more_rights_than_it_needs() -> None:
    workflow: dict[Any, Any] = yaml.safe_load(read(".github/workflows/ci.yml"))
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["everything"]["steps"]
    assert steps[-1] == {"run": "bash .ci/run"}
    assert {"make test", "make browser-test", "make lint"} <= set(read(".ci/run").splitlines())


def test_contributing_names_every_check() -> None:
    page = read("CONTRIBUTING.md")
    assert [name for name in checks() if name not in page] == []


def test_forms_and_citation_are_sound() -> None:
    for form in ("fault", "wish"):
        fields = yaml.safe_load(read(f".github/ISSUE_TEMPLATE/{form}.yml"))
        assert {"name", "description", "body"} <= fields.keys()
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert citation["cff-version"] == "1.2.0"


def test_versions_are_pinned_and_name_no_address() -> None:
    """Every direct dependency has its pin, and a pin is a name and a version."""
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", read("constraints.txt"), flags=re.MULTILINE))
    assert len(pins) == len(read("constraints.txt").split())
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["docs"]]
    normalized = {re.sub(r"[-_.]+", "-", name).lower() for name in pins}
    names = [re.split(r"[\[<>=]", wish)[0] for wish in wanted]
    assert [name for name in names if re.sub(r"[-_.]+", "-", name).lower() not in normalized] == []
