"""The evidence package of a plan: one archive with everything a decision rests on, that anyone can check."""
