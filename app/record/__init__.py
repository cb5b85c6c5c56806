"""Who decided what: signatures on plans in a chained log, what came of them by year, and the rest planned again."""
