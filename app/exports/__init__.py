"""One plan handed on: GeoPackage, GeoJSON, CSV, spreadsheet, report."""
