"""Which application reports, for all formats: what is the same on all devices as text, the rest as a slot."""

from collections.abc import Mapping

from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema import values as slot


def application(app: App, edition: Edition) -> Mapping[str, str | int]:
    """Give the members of `app`, in their order."""
    return {
        "id": slot.APP if app.tenants.count > 1 else app.id,
        "env": app.env,
        "version": slot.VERSION if app.releases else app.version,
        "type": edition.app_type,
    }
