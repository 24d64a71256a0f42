"""Joins journey, sdk and wire into one compiled advance over a cohort: the same for datasets and for load.

May import journey, sdk, wire, audit, profile, schema and kernel.

- model.py: what a profile becomes before play: world, limits, formats
- seat.py: the records of a device in play; buffers.py: what an advance fills
- advance.py: the compiled loop: plays each device up to an instant; emit.py: writes down and prints what has got its fate
- memory.py: what cohorts fill, kept for the next
- drawer.py: what a device keeps while its person pauses
- columns.py: the columns that an advance fills, for Python
- ids.py: ids as they follow from a device's key
- cohort.py: devices and their advance, for Python
- replay.py, stream.py: the SDK core alone: calls as data for scripted pages, streams of stimuli for benchmarks
"""
