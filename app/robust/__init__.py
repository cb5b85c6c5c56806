"""Robust reasons as people read them: how often a village is in good plans; tables, words, map."""
