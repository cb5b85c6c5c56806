"""The layers of a city: assembled, and checked rule by rule."""
