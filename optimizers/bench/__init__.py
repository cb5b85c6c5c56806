"""How good and how fast: searches and evaluator measured."""
