"""Sections of the first page: the city as it is, questions to begin with, and the runs that are there."""
