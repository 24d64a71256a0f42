"""The scripted form: one device whose stimuli are written down by hand, to see or to test what the SDK makes of exactly these.

The room will read a script, intern its strings, play it through sdk and write the run's files. It may import play and the rooms below it; not
dataset, load or collector, which stand beside it.
"""
