"""Load with simulated users: `locust -f locustfile.py`, then as with any other locustfile. The options --rum-... stand in the README."""

import signal
import sys

signal.signal(signal.SIGINT, lambda *_: sys.exit(130))  # without a traceback, while all is imported and compiled; Locust's init changes it

from simulator.load.locust_user import Cohort, refuse_wrong_rules  # noqa: E402
from simulator.load.window import compile_apart  # noqa: E402

__all__ = ["Cohort"]

refuse_wrong_rules(sys.argv[1:])
compile_apart()  # compiled code must be there before Locust forks workers or runs its event loop
