"""The search problem: genomes, operators, non-dominated sets, archive, enumeration."""
