"""Invents users and runs them through a faithful model of a RUM SDK: as load on a collector, as a dataset, and as an audit of what arrived.

Importing this package imports nothing else: each room is imported by who needs it.
"""


def __getattr__(name: str) -> str:
    """Give `__version__`, read from the installed metadata when somebody asks."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import metadata  # noqa: PLC0415 - only who asks for the version pays for it

    try:
        return metadata.version("rumsim")
    except metadata.PackageNotFoundError:
        return "0+uninstalled"
