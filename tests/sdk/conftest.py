"""Makers of devices, each of some editions: a test that takes one runs on all of them."""

from functools import partial

import pytest
from devices import EDITIONS_OF, PARTS, Core, Device, Make, core_of


@pytest.fixture(scope="session")
def core() -> Core:
    """Give the core as it is."""
    return core_of({module.__name__: vars(module) for module in PARTS.values()})


@pytest.fixture(params=EDITIONS_OF["anywhere"])
def anywhere(request: pytest.FixtureRequest, core: Core) -> Make:
    """Make devices of one documented edition: each test runs on all four."""
    return partial(Device, core, request.param)


@pytest.fixture(params=EDITIONS_OF["phone"])
def phone(request: pytest.FixtureRequest, core: Core) -> Make:
    """Make phones: each test runs on iOS and on Android."""
    return partial(Device, core, request.param)


@pytest.fixture(params=EDITIONS_OF["browser"])
def browser(request: pytest.FixtureRequest, core: Core) -> Make:
    """Make what the document calls Web (Web and Mini Programs): each test runs on both."""
    return partial(Device, core, request.param)


@pytest.fixture
def website(core: Core) -> Make:
    """Make browsers on a website."""
    return partial(Device, core, *EDITIONS_OF["website"])


@pytest.fixture
def miniprogram(core: Core) -> Make:
    """Make mini programs."""
    return partial(Device, core, *EDITIONS_OF["miniprogram"])


@pytest.fixture
def real(core: Core) -> Make:
    """Make browsers on a website with the real web SDK."""
    return partial(Device, core, *EDITIONS_OF["real"])
