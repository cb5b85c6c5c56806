"""How a learner decides."""
