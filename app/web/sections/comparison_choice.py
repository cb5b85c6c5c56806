"""Choosing what is compared: plans into and out of the address, and the scenario they are evaluated under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.files.names import plain
from app.plans.recommendation import scenario_label
from app.plans.rule_table import verdict_text
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.plan_comparison import KEEP, LETTERS, MAX_PLANS, PlanRef, parse_refs, refs_text
from app.web.documents.plan_edits import Edits, read_edits
from app.web.documents.workspace import Workspace, checked_id
from app.web.jobs.queue import has_front
from app.web.shell.cached_data import cached_findings, cached_plan_tables, cached_run
from app.web.shell.page_frame import visit_key
from app.web.shell.run_names import run_name, run_words
from app.web.shell.session import current, go, in_series, language, say
from app.words.console import with_remark


@dataclass(frozen=True, eq=False)
class ComparedPlan:
    """A plan as the page has it.

    Attributes:
        letter: its name on the page.
        ref: what the address says.
        run: in whose front it is.
        tables: evaluated under the scenario that was chosen.
    """

    letter: str
    ref: PlanRef
    run: Run
    tables: PlanTables

    @property
    def short(self) -> str:
        """Letter and plan, for the head of a column."""
        name = say("compare_keep") if self.ref.plan_id == KEEP else self.ref.plan_id
        return f"{self.letter} · {name}{'*' if self.ref.edit else ''}"


def show_choice(workspace: Workspace, refs: Sequence[PlanRef]) -> None:
    """Add plans: one by one, the shortlist of a run, the plan in hand."""
    ids = [name for name in workspace.run_ids() if has_front(workspace, name)]
    if not ids:
        st.info(say("no_runs"))
        st.page_link("views/search.py", label=say("page_search"))
        return
    full = len(refs) >= MAX_PLANS
    with st.expander(say("compare_choose"), expanded=len(refs) < 2):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            start = ids.index(current("run")) if current("run") in ids else 0
            words = run_words(workspace, ids)
            run_id = str(
                st.selectbox(say("compare_run"), ids, index=start, format_func=words, key=visit_key("compare_run"))
            )
            listed = shortlist(workspace, run_id)
            plan_id = _show_plan(workspace, run_id, listed)
            if st.button(say("compare_add"), key="compare_add", type="primary", disabled=full):
                _add(refs, [PlanRef(run_id, plan_id)])
        with st.container(horizontal=True):
            if listed and st.button(
                say("compare_add_shortlist", n=len(listed)), key="compare_shortlist", disabled=full
            ):
                _add(refs, [PlanRef(run_id, name) for name in listed])
            in_hand = _plan_in_hand()
            if (
                in_hand is not None
                and in_hand not in refs
                and st.button(
                    say("compare_add_current", plan=plain(in_hand.plan_id)), key="compare_current", disabled=full
                )
            ):
                _add(refs, [in_hand])
            if refs and st.button(say("compare_clear"), key="compare_clear"):
                go(compare="", under="")
                st.rerun()
        if full:
            st.caption(say("compare_full", n=MAX_PLANS))


def shortlist(workspace: Workspace, run_id: str) -> list[str]:
    """Plans that were set aside on the front of a run."""
    return [str(name) for name in (workspace.read("shortlist", run_id) or {}).get("plans", [])]


def _show_plan(workspace: Workspace, run_id: str, listed: Sequence[str]) -> str:
    run = cached_run(workspace, run_id)
    first = [name for name in listed if name in run.plan_ids]
    options = [*first, KEEP, *(name for name in run.plan_ids if name not in first)]
    words = {name: with_remark(name, say("compare_shortlisted"), language()) for name in first} | {
        KEEP: say("compare_keep")
    }
    return str(
        st.selectbox(
            say("plan"), options, format_func=lambda name: words.get(name, name), key=visit_key("compare_plan", run_id)
        )
    )


def _plan_in_hand() -> PlanRef | None:
    """The plan of the plan page, with its edits."""
    if not (current("run") and current("plan")):
        return None
    return PlanRef(*(checked_id(name) for name in (current("run"), current("plan"), current("edit")) if name))


def _add(refs: Sequence[PlanRef], more: Sequence[PlanRef]) -> None:
    go(compare=refs_text(list(dict.fromkeys([*refs, *more]))[:MAX_PLANS]))
    st.rerun()


def chosen_refs() -> tuple[PlanRef, ...]:
    """The plans of the address.

    Raises:
        InputError: it is malformed.
    """
    return parse_refs(current("compare"))


def read_plans(workspace: Workspace, refs: Sequence[PlanRef]) -> list[ComparedPlan]:
    """The plans, evaluated each under its own scenario, or all under that of the address.

    Raises:
        InputError: a run or plan is not there, or does not fit the scenario.
    """
    other = cached_run(workspace, current("under")).resolved if current("under") else None
    plans = []
    for letter, ref in zip(LETTERS, refs, strict=False):
        run = cached_run(workspace, ref.run_id)
        under = other if other is not None and other.city.digest == run.resolved.city.digest else None
        tables = cached_plan_tables(run, ref.plan_id, edits_of(workspace, ref), under)
        plans.append(ComparedPlan(letter, ref, run, tables))
    return plans


def edits_of(workspace: Workspace, ref: PlanRef) -> Edits:
    """The edits that a compared plan names, if they are of that plan."""
    record = workspace.read("edit", ref.edit) if ref.edit else None
    if record is None or (record.get("run"), record.get("plan")) != (ref.run_id, ref.plan_id):
        return {}
    return read_edits(record.get("edits", {}))


def show_chosen(workspace: Workspace, plans: Sequence[ComparedPlan]) -> None:
    """Which plans are compared, whether they are valid, and a way to take each out."""
    for plan in plans:
        key = "compare_edited" if plan.ref.edit else "compare_plan"
        name = say("compare_keep") if plan.ref.plan_id == KEEP else say(key, plan=plain(plan.ref.plan_id))
        words, way_out = st.columns((8, 1), vertical_alignment="center")
        line = say(
            "compare_line",
            letter=plan.letter,
            plan=name,
            run=plain(run_name(workspace, plan.ref.run_id)),
            scenario=_scenario_words(plan.run),
        )
        words.markdown(f"{line} · {verdict_text(cached_findings(plan.tables), language())}")
        if way_out.button(say("remove"), key=f"compare_remove_{plan.ref}"):
            remaining = [other.ref for other in plans if other.ref != plan.ref]
            go(compare=refs_text(remaining))
            st.rerun()


def _scenario_words(run: Run) -> str:
    """What the scenario of a run is called."""
    return plain(scenario_label(run.resolved.scenario.name, language()))


def show_under(workspace: Workspace, plans: Sequence[ComparedPlan]) -> None:
    """Whose scenario the plans are evaluated under; said in words whatever it is."""
    runs = {plan.ref.run_id: plan.run for plan in plans}
    names = {run_id: _scenario_words(run) for run_id, run in runs.items()}
    if len({run.resolved.digest for run in runs.values()}) == 1 and not current("under"):
        st.caption(say("compare_says_same", scenario=next(iter(names.values()))))
        return
    options = ["", *runs]
    if current("under") and current("under") not in options:
        options.append(current("under"))
    words = {"": say("compare_own")} | {
        run_id: say("compare_one", scenario=names.get(run_id, ""), run=run_name(workspace, run_id))
        for run_id in options
        if run_id
    }
    chosen = st.selectbox(
        say("compare_under"),
        options,
        index=options.index(current("under")),
        format_func=words.__getitem__,
        key=visit_key("compare_under"),
    )
    if chosen != current("under"):
        go(under=str(chosen))
        st.rerun()
    if chosen:
        scenario = plain(scenario_label(plans[0].tables.resolved.scenario.name, language()))
        st.info(say("compare_says_one", scenario=scenario, run=plain(run_name(workspace, chosen))))
    else:
        scenarios = in_series(f"{plan.letter} {_scenario_words(plan.run)}" for plan in plans)
        st.info(say("compare_says_own", scenarios=scenarios))
