"""Plans of a run under futures of prices, costs and rents: measured, written, told."""
