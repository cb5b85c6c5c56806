"""How a search decides."""
