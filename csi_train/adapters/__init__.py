"""Doors to outside libraries, one file a library, imported lazily."""
