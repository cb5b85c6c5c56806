"""Studies over runs and plans: comparisons, goals, tornado diagrams, the bench of policies."""
