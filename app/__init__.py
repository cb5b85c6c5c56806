"""How people use it: the command line, maps, charts and exports."""
