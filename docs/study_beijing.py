"""Table and picture of the study of Beijing from its Parquet table.

`python docs/study_beijing.py runs/beijing-study` writes docs/images/study-beijing.svg and the tables of
docs/study-beijing.md, between its marks. Nothing is run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import pandas as pd

from app.sweeps.level_ranks import factor_effects
from app.sweeps.sweep_text import test_sentence

mpl.use("Agg")
HERE = Path(__file__).parent
PICTURE, PAGE = HERE / "images" / "study-beijing.svg", HERE / "study-beijing.md"
QUOTA, CAPITAL, SCENARIO = "villages_per_year", "capital_limit_annual_cny", "scenario"
MONEY, COMMUTE, SERVICE = "net_present_value_cny", "mean_commute_km", "service_accessibility"
COLORS = {
    "balanced": "#0072B2",
    "investment_first": "#D55E00",
    "accessibility_first": "#009E73",
    "by_the_rules": "#CC79A7",
}
SEARCHES = ("balanced", "by_the_rules")
"""The presets that search different plans; the other two differ from the first in the plan they take."""
OF_AN_END = {
    "renewed_villages": (1.0, ".0f"),
    "total_cost_cny": (1e9, ".0f"),
    "max_annual_cost_cny": (1e9, ".1f"),
    MONEY: (1e9, ".0f"),
    "displaced_tenants_share": (0.01, ".0f"),
}
"""Indicators of a front, their scale and how they are said."""
SCALES = {
    MONEY: (1e9, "net present value [bn CNY]"),
    COMMUTE: (1.0, "mean commute [km]"),
    SERVICE: (1.0, "service accessibility [0..1]"),
}


def medians(table: pd.DataFrame) -> pd.DataFrame:
    """Median over seeds of each combination of preset, quota and limit."""
    measures = ["hypervolume", *(f"{kind}_{name}" for kind in ("best", "taken") for name in SCALES)]
    return table.groupby([SCENARIO, QUOTA, CAPITAL], sort=False)[measures].median().reset_index()


def markdown(frame: pd.DataFrame) -> str:
    """The table of the page: what the front reaches, and what the plan of each preset is worth."""
    lines = [
        "| preset | villages a year | capital a year, bn CNY | hypervolume | most money, bn CNY | least commute, km | "
        "best service | plan taken: money, bn CNY | commute, km | service |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in frame.to_dict("records"):
        cells = [str(row[SCENARIO]), str(int(row[QUOTA])), f"{row[CAPITAL] / 1e9:.0f}", f"{row['hypervolume']:.3f}"]
        for kind in ("best", "taken"):
            cells += [
                f"{row[f'{kind}_{MONEY}'] / 1e9:.0f}",
                f"{row[f'{kind}_{COMMUTE}']:.2f}",
                f"{row[f'{kind}_{SERVICE}']:.3f}",
            ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(table: pd.DataFrame) -> None:
    """Every run a dot, medians joined over the quota; a row a limit, a column an objective of the plan taken."""
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "study"
    limits = list(dict.fromkeys(table[CAPITAL]))
    figure, axes = plt.subplots(len(limits), len(SCALES), figsize=(11, 3.1 * len(limits)), sharex=True, sharey="col")
    for k, limit in enumerate(limits):
        for j, (name, (scale, label)) in enumerate(SCALES.items()):
            for scenario, color in COLORS.items():
                rows = table[(table[CAPITAL] == limit) & (table[SCENARIO] == scenario)]
                middle = rows.groupby(QUOTA)[f"taken_{name}"].median() / scale
                axes[k][j].plot(rows[QUOTA], rows[f"taken_{name}"] / scale, ".", color=color, alpha=0.5)
                axes[k][j].plot(middle.index, middle, "-", color=color, label=scenario.replace("_", " "))
            axes[k][j].set_title(f"at most {limit / 1e9:.0f} bn CNY a year" if j == 0 else "", loc="left", fontsize=10)
            axes[k][j].set_ylabel(label)
            axes[k][j].set_xticks(sorted(set(table[QUOTA])))
    for axis in axes[-1]:
        axis.set_xlabel("villages a year")
    axes[0][-1].legend(fontsize=8, frameon=False)
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Date": None})


def tests(table: pd.DataFrame) -> str:
    """Medians by level of each factor, and what the ranks say."""
    lines = ["| measure | factor | medians by level | ranks |", "|---|---|---|---|"]
    measures = ["hypervolume", *(f"{kind}_{name}" for kind in ("best", "taken") for name in SCALES)]
    for measure in measures:
        scale = next((SCALES[name][0] for name in SCALES if measure.endswith(name)), 1.0)
        for effect in factor_effects(table, [SCENARIO, QUOTA, CAPITAL, "seed"], measure):
            named = {
                spread.level: f"{float(spread.level) / 1e9:.0f}" for spread in effect.levels if effect.factor == CAPITAL
            }
            medians_said = ", ".join(
                f"{named.get(spread.level, spread.level)}: {spread.median / scale:.4g}" for spread in effect.levels
            )
            lines.append(f"| `{measure}` | `{effect.factor}` | {medians_said} | {test_sentence(effect, 'en')} |")
    return "\n".join(lines)


def ends(folder: Path, table: pd.DataFrame) -> str:
    """What the plan with the most money and the one with the best service of a front are like; medians over seeds."""
    lines = [
        "| preset | villages a year | capital a year, bn CNY | plan | villages | total cost, bn CNY | "
        "dearest year, bn CNY | money, bn CNY | tenants displaced, % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for keys, runs in table[table[SCENARIO].isin(SEARCHES)].groupby([SCENARIO, QUOTA, CAPITAL], sort=False):
        fronts = [pd.read_csv(folder / name / "front.csv") for name in runs["run_id"]]
        for label, objective in (("most money", MONEY), ("best service", SERVICE)):
            plan = pd.DataFrame([front.loc[front[objective].idxmax()] for front in fronts])[list(OF_AN_END)].median()
            said = [f"{plan[name] / scale:{form}}" for name, (scale, form) in OF_AN_END.items()]
            lines.append(f"| {keys[0]} | {keys[1]:.0f} | {keys[2] / 1e9:.0f} | {label} | " + " | ".join(said) + " |")
    return "\n".join(lines)


def work(table: pd.DataFrame) -> str:
    """How much was searched, and how long it took."""
    spread = table[["evaluations", "plans", "seconds", "worker_seconds"]].astype("float64").quantile([0.0, 0.5, 1.0])
    lines = ["| of a run | least | median | most |", "|---|---|---|---|"]
    lines += [f"| {name.replace('_', ' ')} | " + " | ".join(f"{v:.1f}" for v in spread[name]) + " |" for name in spread]
    return "\n".join(lines)


def main(folder: Path) -> None:
    """Write the picture and the tables of the page."""
    table = pd.read_parquet(folder / "table.parquet")
    draw(table)
    page = PAGE.read_text(encoding="utf-8")
    made_of = {
        "medians": markdown(medians(table)),
        "ends": ends(folder, table),
        "ranks": tests(table),
        "work": work(table),
    }
    for mark, made in made_of.items():
        begin, end = f"<!-- {mark}: made by docs/study_beijing.py -->\n", f"<!-- end of {mark} -->"
        before, _, rest = page.partition(begin)
        page = before + begin + made + "\n" + end + rest.partition(end)[2]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
