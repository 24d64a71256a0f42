"""Load under Locust's control: cohorts of devices played in real time, their payloads sent when they are due. The only room that imports locust.

May import play and the rooms below it; starts the collector and the audit as processes of their own.

- options.py: the --rum-... options, and the plan that they make
- run.py: a run's folder, its collector, its end (on the master)
- roster.py: who plays which cohort, when all begin, when all have stopped
- pace.py: how late payloads are and whose doing it is; whether the run is valid
- player.py: one cohort against the wall clock: windows, due times, ledger
- client.py: sends payloads and says what became of each
- locust_user.py: the hooks that Locust calls
"""
