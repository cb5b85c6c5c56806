"""Futures of a plan: prices, costs and rents that move by themselves, and what a plan is worth in each of them."""
