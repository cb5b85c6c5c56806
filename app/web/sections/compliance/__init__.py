"""Sections of the page Compliance: which plan, clause by clause with the map, exceptions, files."""
