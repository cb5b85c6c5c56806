"""Futures of prices, costs and rents: how markets move by themselves, and what money is worth over a sample of them."""
