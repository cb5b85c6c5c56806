"""Sweeps: many runs from one file, on one machine or a cluster, each done once, and one table of all."""
