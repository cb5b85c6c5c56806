"""Prices of limits on the whole plan, for whoever follows marginal gains: searches, policies, mending."""
