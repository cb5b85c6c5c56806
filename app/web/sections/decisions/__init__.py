"""Sections of the room about decisions: a plan retold step by step, and how firmly villages stand in good plans."""
