"""Sections of the room about residents: who lives in a village, who gains and loses, where all are at which hour."""
