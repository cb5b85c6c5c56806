"""What a city is called: embedded ones in the reader's language, others by their own name."""

from __future__ import annotations

from data.catalogue import catalogue, text


def city_name(name: str, language: str) -> str:
    """The name in words.

    Example:
        >>> city_name("beijing", "zh"), city_name("Shenzhen", "zh")
        ('北京', 'Shenzhen')
    """
    return text(f"city_{name}", language) if f"city_{name}" in catalogue() else name
