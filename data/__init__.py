"""What is given: the city, the parameter book and the scenario."""
