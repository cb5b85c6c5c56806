"""Compliance: a plan against every rule, clause by clause; exceptions with reason and name, that travel with it."""
