"""Colors that charts and reports share."""

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442")
"""Colors that the color-blind can tell apart (Okabe & Ito 2008)."""
