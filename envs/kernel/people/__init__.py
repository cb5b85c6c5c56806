"""Who leaves, returns and comes, and where they live: moves of a renewal, settlement in zones, room of zones."""
