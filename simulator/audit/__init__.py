"""Whether what arrived is what was sent: the ledger, its reconciliation with what a collector stored, and the claims that follow.

The auditor does not trust the suspect: it recomputes promises from the profile and the ledger. May import profile, schema and kernel; never
sdk, journey, wire or play. Everything here is a function of files and arrays: no clock, no network.
"""
