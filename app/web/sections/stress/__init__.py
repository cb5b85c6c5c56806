"""Plans in futures: begun, watched, and what came of it, on the pages Plan and Front."""
