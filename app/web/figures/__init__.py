"""Interactive charts and maps (Plotly); no page and no file."""
