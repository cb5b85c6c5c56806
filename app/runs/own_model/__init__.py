"""Runs of a model of the user's own: its file, its search, its front and what is said of it."""
