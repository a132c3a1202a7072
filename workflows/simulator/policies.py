"""Policies as a scenario states them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from workflows.policy import Policy
from workflows.policy_book import PolicyBook


@cache
def packaged() -> PolicyBook:
    """The policies that Closeout ships."""
    return PolicyBook.load()


def stated(value: Any) -> Any:
    """A packaged policy by its name; or a table, in which what is left out is as in the packaged `base`, if it has one.

    A table within it replaces that of the base whole. ValueError for a name that no packaged policy has.
    """
    match value:
        case str():
            return named(value)
        case {"base": str(base), **changes}:
            return named(base).model_dump(mode="json") | changes
    return value


def named(name: str) -> Policy:
    """The newest version of a packaged policy."""
    versions = [policy for policy in packaged().policies if policy.name == name]
    if not versions:
        known = ", ".join(sorted({policy.name for policy in packaged().policies}))
        raise ValueError(f"no packaged policy is called {name!r}; there are {known}")
    return max(versions, key=lambda policy: (policy.effective_from, policy.version))


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """One table over another: tables within are merged, anything else is replaced."""
    return {**base} | {
        key: merged(base[key], value) if isinstance(value, Mapping) and isinstance(base.get(key), Mapping) else value
        for key, value in over.items()
    }
