"""Reasons: what each village contributes to what a plan does to the city, exactly, by the one evaluator."""
