"""Bargaining of a plan's projects as people read it: tables, files, words."""
