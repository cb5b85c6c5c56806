"""Who gains and who loses by a plan, household by household: fates, changes in well-being, sums by part."""
