"""What the SDK makes of stimuli: session rules, the sampler, probes, the outbox. One source for all platforms, interpreted and compiled.

May import kernel and schema. Calls no clock and no randomness of its own, does no I/O, knows no arrays and no strings. The functions change three
named records: `Store` (what survives a page or process), `Screen` (what one shows) and `Outbox` (what it has not sent yet); `Limits` says which rules
apply.

| who | state | until |
|---|---|---|
| mobile | session open | terminated, crashed; away for more than `away` and back |
| web, mini program | session open | closed; `overtime` without interaction; `max_duration` since its start |

An expired web session has ended, but the next one begins with the next interaction (document: Session Expiration). What passive probes report
between the two belongs to no session and is dropped.
"""
