"""The command line: parse, call one function of the API, print what it returned.

Knows nothing of how anything is done. Results go to standard output, everything on the way to standard error.
"""
