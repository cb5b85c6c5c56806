"""Certified bounds: what no plan of a scenario can exceed."""
