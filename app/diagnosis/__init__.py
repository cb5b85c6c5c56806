"""Diagnosis as people read it: map of need, portrait card of a village, tables, files, words."""
