"""What people do when they wait: leave, press again, take longer to go on. Draws come from a stream of their own."""

from typing import Final

from simulator.journey.population import Device
from simulator.journey.world import Patience, World
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.tables import exponential
from simulator.schema.streams import REACTION
from simulator.schema.words import NEVER

PAGE, API, INTERACTION, FLOW, RAGE, GAP = range(6)
"""Purposes of draws; eight for each ref."""
LONGEST: Final = 1 << 44
"""No wait is longer (ms, 557 years), so that its product with a factor fits into 64 bits."""


def tolerance(w: World, d: Device, p: Patience, purpose: int, ref: int) -> int:
    """Give how long a person waits before leaving (ms); NEVER: for ever."""
    if p.average == 0:
        return NEVER
    wait = p.after + exponential(w.tables, w.exponential, p.average, d.key ^ REACTION, ref * 8 + purpose)
    return min(wait, LONGEST) * d.patience // 1_000


def happens(d: Device, share: int, purpose: int, ref: int) -> bool:
    """Tell whether something of this share happens."""
    return (rnd(d.key ^ REACTION, ref * 8 + purpose) & LOW) < share
