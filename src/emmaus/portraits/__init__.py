"""Reads Character. Gives a picture of each, as SVG: all in one style of cut paper."""

from emmaus.portraits.draw import SIZE, describe, draw

__all__ = ["SIZE", "describe", "draw"]
