"""Which Closeout this is."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """The version that is installed."""
    try:
        return version("closeout")
    except PackageNotFoundError:  # run from a checkout that nobody installed
        return "0"
