"""Sections about the named candidates of a front: limits that they must keep, and a card of each."""
