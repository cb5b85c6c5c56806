"""The report of one plan: a description of its content, written once, and two renderings of it, Word and PDF."""
