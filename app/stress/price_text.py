"""What is said of the price of robustness: what the robust front gives up on average, and saves in the worst tenth."""

from __future__ import annotations

import numpy as np

from app.stress.price_of_robustness import PriceOfRobustness, price_frame
from app.words.console import COLUMNS, filled, percent_text, table_text, value_text
from data.catalogue import text
from envs.futures.robust_price import MATCH_SHARE, robust_prices
from envs.kernel.indicators.registry import INDICATORS

SHOWN = ("mean", "plain_mean", "given_up", "tail_mean", "plain_tail_mean", "saved")
MOST_PAIRS = 12


def price_text(price: PriceOfRobustness, plain_name: str, language: str) -> str:
    """The whole answer: sentences, then the pairs that save most."""
    said = "\n".join(line for each in price_sentences(price, plain_name, language) for line in filled(each, COLUMNS))
    frame = price_frame(price).sort_values("saved", ascending=False, kind="stable").head(MOST_PAIRS)
    if frame.empty:
        return said
    header = [text(f"price_column_{name}", language) for name in ("plan", "plain_plan", *SHOWN)]
    rows = [
        [row["plan_id"], row["plain_plan_id"], *(value_text(row[name], row["unit"], language) for name in SHOWN)]
        for row in frame.to_dict("records")
    ]
    return f"{said}\n\n{table_text(header, rows, header_width=12)}"


def price_sentences(price: PriceOfRobustness, plain_name: str, language: str) -> list[str]:
    """The ends of both fronts, then the pairs."""
    item = INDICATORS[price.measure]

    def money(value: float) -> str:
        return value_text(value, item.unit, language)

    robust, plain = price.ends()
    ends = robust_prices(price.robust, price.plain, np.array([[robust, plain]]))
    said = [
        text(
            "price_ends",
            language,
            plain_run=plain_name,
            indicator=item.label[language],
            n=price.robust.shape[1],
            plan=price.robust_ids[robust],
            plain=price.plain_ids[plain],
            given_up=money(float(ends.given_up[0])),
            given_up_se=money(float(ends.given_up_error[0])),
            saved=money(float(ends.saved[0])),
            saved_se=money(float(ends.saved_error[0])),
        )
    ]
    n_pairs, of = len(price.prices.robust), len(price.robust_ids)
    if not n_pairs:
        return [*said, text("price_no_pairs", language, n=of, within=percent_text(MATCH_SHARE, digits=0))]
    told = text(
        "price_pairs",
        language,
        n=n_pairs,
        of=of,
        within=percent_text(MATCH_SHARE, digits=0),
        given_up=money(float(np.median(price.prices.given_up))),
        saved=money(float(np.median(price.prices.saved))),
        better=int((price.prices.saved > 0.0).sum()),
    )
    return [*said, told]
