"""Files that appear whole or not at all, and names that are safe in them."""
