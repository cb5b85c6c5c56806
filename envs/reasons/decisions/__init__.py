"""A plan retold as decisions: what was taken at each step, what stood open instead, what made room for what."""
