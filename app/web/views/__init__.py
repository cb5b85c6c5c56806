"""Pages of the room, one file each."""
