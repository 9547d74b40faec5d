"""Reads Character, Turn, Evaluation. Shows them as pages and JSON; what a page does is a call of the Python API."""

from emmaus.web.app import create_app
from emmaus.web.door import Door
from emmaus.web.guard import Front
from emmaus.web.run import serve, serving

__all__ = ["Door", "Front", "create_app", "serve", "serving"]
