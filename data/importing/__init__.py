"""Import: somebody else's files become a city."""
