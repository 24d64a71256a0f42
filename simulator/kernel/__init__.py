"""What everything stands on: records, counter-based chance, integer tables, and the twin that compiles plain functions.

Imports no other room. The only room that may import numba, and only in twin.py, bodies.py and library.py; LLVM in machine.py and entry.py, too.
"""
