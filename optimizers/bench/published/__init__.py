"""The published model of Beijing's 1,451 urban villages (hychyc1/Renovation, 2024-25), restated from its equations.

It is the second model that the search can be plugged into, and the ladder on which the search is measured against
people, rules and the published algorithms. Its data belong to others: they are read from a folder that is named, and
nothing of them ships.
"""
