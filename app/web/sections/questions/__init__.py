"""Sections by the questions that a decider asks of a plan: which answers what, and what is said at once."""
