"""Residents as people read them: tables and files of a draw, what it missed, the portrait of a village."""
