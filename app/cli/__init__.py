"""The command line `renewal`."""
