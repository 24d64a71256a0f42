"""What people read at the end of a run. May import every room below it; nothing imports it but the command line.

Reports show what the audit found; they judge nothing themselves.
"""
