"""Judging and mending a plan that somebody brings: how far from a front it is, and the fewest changes that help."""
