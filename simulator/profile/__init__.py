"""What to simulate: the typed profile, laws (distributions as data), editions of the SDK as rows of data, and the loader whose errors name the path.

May import schema, kernel and errors. Knows nothing of how a profile is played.
"""
