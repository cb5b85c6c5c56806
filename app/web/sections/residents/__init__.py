"""Sections of the room about residents: who lives in a village, where all of them are at which hour."""
