"""Robust reasons: in how many good plans a village is chosen, by when, with which use, also where parameters differ."""
