"""Files that hold a city: GeoPackage, vector files, skims, column mappings, embedded cities."""
