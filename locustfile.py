"""Load with simulated users: `locust -f locustfile.py`, then as with any other locustfile. All options: `locust -f locustfile.py --help`."""

import gevent

from simulator.load.locust_user import Cohort
from simulator.play.cohort import warm_up

__all__ = ["Cohort"]

warm_up()  # compiled code must be ready before Locust forks workers or runs its event loop
gevent.get_hub().loop.update_now()  # the loop's clock stood still meanwhile; -t counts from here
