"""Rules and targets: whether a finished plan is valid, and whether it reaches what is wanted."""
