"""Diagnosis of the city as it is: need of villages and areas, weights, density of points, grades, what answers what."""
