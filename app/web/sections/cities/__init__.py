"""Sections of the room about cities: bringing one in, and what its check found."""
