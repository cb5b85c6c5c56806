"""People under the averages: residents drawn from the city's margins, in households, with work and income."""
