"""Sections of pages: forms, tables and maps that a page puts together."""
