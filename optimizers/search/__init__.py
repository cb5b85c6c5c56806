"""Search: from a scenario and a budget to a front."""
