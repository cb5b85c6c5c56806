"""All indicators: one named function each, gathered in `registry`; their texts are in data/texts/indicators.yaml."""
