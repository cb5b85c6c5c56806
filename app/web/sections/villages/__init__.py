"""Sections of the room about villages: the map on which one is chosen, what plans do there."""
