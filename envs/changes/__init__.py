"""Changes of single villages of a plan: which there are, what each does, and what else could have been given."""
