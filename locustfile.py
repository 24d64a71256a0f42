"""Load with simulated users: `locust -f locustfile.py`, then as with any other locustfile. The options --rum-... stand in the README."""

from simulator.load.locust_user import Cohort
from simulator.play.cohort import warm_up

__all__ = ["Cohort"]

warm_up()  # compiled code must be ready before Locust forks workers or runs its event loop
