"""Load under Locust's control: cohorts of devices played in real time, their payloads sent when they are due. The only room that imports locust.

May import play and the rooms below it; starts the collector and the audit as processes of their own.

- options.py: the --rum-... options, and the plan that they make
- run.py: a run's folder, its collector, its end (on the master); preflight.py, reach.py: what is looked at before
- roster.py: who plays which cohort, when all begin, when all have stopped
- player.py: one cohort against the wall clock; window.py: its next moments as requests; record.py: what became of them
- request.py: a request, what became of it, and what a transport is; heads.py, headers.py: what devices say of themselves
- pump.py: the transport; connection.py, tls.py, answer.py, target.py: one connection and what it needs; timer.py, spare.py: when things run
- client.py: Locust's own client as a transport
- pace.py: how late payloads are and whose doing it is; whether the run is valid
- histogram.py: times, second by second; summary.py: a run's figures; thresholds.py: rules on them
- locust_user.py: the hooks that Locust calls
"""
