"""Sections of the page Diagnosis: weights, map of need, portrait card, cases, areas; and what a plan leaves out."""
