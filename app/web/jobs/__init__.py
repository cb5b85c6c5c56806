"""Searches and goals in the background."""
