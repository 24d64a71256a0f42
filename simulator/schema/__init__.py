"""The words that all rooms share: kinds of stimuli and events, records, columns, payloads and ledger rows. Imports only kernel."""
