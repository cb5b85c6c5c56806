"""The layers of a city: assembled into a City, and checked column by column and shape by shape."""
