"""Interactive charts and maps."""
