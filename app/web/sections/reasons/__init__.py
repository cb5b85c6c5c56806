"""Sections of the room about the reasons of a plan: what each village contributes, and how far that can be trusted."""
