"""What people reach: supply within reach, the nearest facility, weights of the categories of services."""
