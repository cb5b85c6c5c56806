"""What if not, as people read it: changes in words, tables and files of differences, neighbors and levers."""
