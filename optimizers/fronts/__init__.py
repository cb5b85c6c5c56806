"""Decision making on fronts, and fronts compared."""
