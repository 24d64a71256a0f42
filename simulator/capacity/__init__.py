"""How much a collector can take: the highest rate at which all claims and thresholds still hold.

The room will hold the search (a pure step controller that is told the score of a rate and names the next), the model of the answer, and the
campaign made of runs. It may import load, dataset, collector, scenario and the rooms below them; not report or cli.
"""
