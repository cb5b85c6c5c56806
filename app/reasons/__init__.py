"""Reasons of a plan as people read them: tables, files, words, the map of what each village contributes."""
