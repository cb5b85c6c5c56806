"""Sections of the room about what if not: one village decided otherwise, all neighbors ranked, the smallest change."""
