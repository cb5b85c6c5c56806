"""Search algorithms: one file each, and the parts they share."""
