"""Fidelity: how real simulated people are, measured; and profiles fitted on logs of real ones.

May import play and the rooms below it; classifier.py alone scikit-learn, when it is asked for, and events.py duckdb, when a file is read.

- events.py: a log of page views (CSV, Parquet, NDJSON) -> arrays; sessions.py: what a timeout cuts out of them
- distances.py: how far two sets of sessions are apart; naive.py, halves.py: what is far and what is near; score.py: both as one number
- classifier.py: whether a machine can tell them apart
- simulate.py: a profile's users as such a log; compare.py: against a real one, row by row; published.py: against published figures (references.py);
  measure.py: both, as a command asks for them
- depth.py, mixture.py, pace.py, stays.py, intervals.py, left.py, returning.py, week.py, zones.py, graph.py: the parts of a fit; fit.py: all of them;
  doubts.py: what makes one doubtful; template.py: the profile that is written

Nothing here mixes shares of page views with shares of origins, and no figure from a laboratory counts as reached.
"""
