"""Sections of the room about the parties of a project: what they say, what they agree on."""
