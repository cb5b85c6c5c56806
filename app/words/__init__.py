"""Words that people read: languages, units, numbers, plain tables."""
