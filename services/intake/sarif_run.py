"""What the results of one SARIF run point to: rules, messages, artifacts, places; and what the run says of itself."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from services.intake.parts import at, list_at, text_at, whole_at
from workflows.findings import TITLE

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(?P<number>\d{1,4})\}")
_MESSAGE, _ARGUMENT, _ARGUMENTS = 20_000, 2_000, 100
"""Bounds of a message: characters of its text and of an argument, and arguments. A rule's serves many results."""
_PARTS = 8


@dataclass(frozen=True)
class Run:
    """A run without its results; `index` is its place in the document."""

    index: int
    body: Mapping[str, Any]

    @property
    def tool(self) -> str | None:
        """The name of the tool."""
        return text_at(self.body, "tool", "driver", "name")

    @property
    def category(self) -> str:
        """What the run analysed, of runs of one tool: its automation id without the part that names the single run.

        The part behind the last slash differs from run to run (SARIF 2.1.0, 3.17.3); an id without one is all of it.
        """
        return (text_at(self.body, "automationDetails", "id") or "").rpartition("/")[0]

    @property
    def repository(self) -> str | None:
        """Where the source stands that was analysed."""
        places = list_at(self.body, "versionControlProvenance")
        return next((address for place in places if (address := text_at(place, "repositoryUri"))), None)

    @cached_property
    def ended(self) -> Sequence[str]:
        """The times at which its invocations ended, the last one first; where none did, at which they started."""
        invocations = list_at(self.body, "invocations")[::-1]
        ends = [text_at(one, "endTimeUtc") for one in invocations] + [
            text_at(one, "startTimeUtc") for one in invocations
        ]
        return [end for end in ends if end]

    @cached_property
    def incomplete(self) -> bool:
        """Whether an invocation says that it did not succeed: there may be more than it found."""
        return any(at(one, "executionSuccessful") is False for one in list_at(self.body, "invocations"))

    @cached_property
    def _components(self) -> Sequence["_Component"]:
        driver = at(self.body, "tool", "driver")
        return [_Component(one) for one in (driver, *list_at(self.body, "tool", "extensions"))]

    def rule(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """The rule of a result, an empty one where the run does not describe it."""
        reference = at(result, "rule")
        named = text_at(result, "ruleId") or text_at(reference, "id")
        component = self._component(at(reference, "toolComponent"))
        index = whole_at(reference, "index")
        found = component.at(index if index is not None else whole_at(result, "ruleIndex"))
        if found and (named is None or _is(named, text_at(found, "id"))):
            return found
        by_guid = component.by_guid.get((text_at(reference, "guid") or "").casefold())
        return by_guid or self._by_name(component, named) or (found if named is None else {})

    def _component(self, reference: Any) -> "_Component":
        index = whole_at(reference, "index")
        extensions = self._components[1:]
        if index is not None and 0 <= index < len(extensions):
            return extensions[index]
        names = {name.casefold() for name in (text_at(reference, "guid"), text_at(reference, "name")) if name}
        return next((one for one in extensions if names & one.names), self._components[0])

    def _by_name(self, component: "_Component", named: str | None) -> Mapping[str, Any] | None:
        """A rule by its id, or by that of a part of it: `CA1000/1` is a case of `CA1000` (SARIF 2.1.0, 3.52.4)."""
        parts = (named or "")[:TITLE].split("/")
        for count in range(len(parts), max(0, len(parts) - _PARTS), -1):
            name = "/".join(parts[:count])
            for one in (component, *self._components):
                if name in one.by_id:
                    return one.by_id[name]
        return None

    def message(self, message: Any, rule: Mapping[str, Any]) -> str | None:
        """The text of a message: its own, or that of its rule with the arguments in their places."""
        text = text_at(message, "text") or text_at(message, "markdown")
        if text is None and (name := text_at(message, "id")):
            strings = (at(rule, "messageStrings", name), at(self.body, "tool", "driver", "globalMessageStrings", name))
            text = next((said for one in strings if (said := text_at(one, "text") or text_at(one, "markdown"))), None)
        arguments = list_at(message, "arguments")
        if text is None or (not arguments and text_at(message, "text")):
            return text
        return _PLACEHOLDER.sub(lambda found: _argument(found, arguments), text[:_MESSAGE], count=_ARGUMENTS)

    def artifact(self, location: Any) -> Mapping[str, Any]:
        """The artifact that an artifactLocation means by its index, an empty one where there is none."""
        index, artifacts = whole_at(location, "index"), list_at(self.body, "artifacts")
        one = artifacts[index] if index is not None and 0 <= index < len(artifacts) else None
        return one if isinstance(one, Mapping) else {}

    def address(self, location: Any) -> str | None:
        """The address of an artifactLocation, as it is written."""
        return text_at(location, "uri") or text_at(self.artifact(location), "location", "uri")

    def place(self, location: Any) -> str | None:
        """A location as one line: `src/list.cpp:15:3 (collections::list::add)`."""
        physical = at(location, "physicalLocation")
        region = at(physical, "region")
        spot = [self.address(at(physical, "artifactLocation")), whole_at(region, "startLine")]
        spot.append(whole_at(region, "startColumn") if spot[1] is not None else None)
        names = [name for one in list_at(location, "logicalLocations") if (name := self._logical(one))]
        line = ":".join(str(part) for part in spot if part is not None)
        return " ".join(part for part in (line, f"({', '.join(names)})" if names else "") if part) or None

    def _logical(self, one: Any) -> str | None:
        if name := text_at(one, "fullyQualifiedName") or text_at(one, "name"):
            return name
        index, held = whole_at(one, "index"), list_at(self.body, "logicalLocations")
        known = held[index] if index is not None and 0 <= index < len(held) else None
        return text_at(known, "fullyQualifiedName") or text_at(known, "name")

    def taxon(self, taxon: Any) -> tuple[str, str | None, str] | None:
        """The taxonomy, its version and the id that a reference to a taxon names; None where it names nothing."""
        component = at(taxon, "toolComponent")
        index, taxonomies = whole_at(component, "index"), list_at(self.body, "taxonomies")
        known = taxonomies[index] if index is not None and 0 <= index < len(taxonomies) else None
        name = text_at(component, "name") or text_at(known, "name")
        position, taxa = whole_at(taxon, "index"), list_at(known, "taxa")
        numbered = taxa[position] if position is not None and 0 <= position < len(taxa) else None
        identity = text_at(taxon, "id") or text_at(numbered, "id")
        return (name, self._editions.get(name), identity) if name and identity else None

    @cached_property
    def _editions(self) -> Mapping[str, str | None]:
        taxonomies = list_at(self.body, "taxonomies")
        return {name: text_at(one, "version") for one in taxonomies if (name := text_at(one, "name"))}

    @cached_property
    def of_rules(self) -> dict[int, Any]:
        """What was made of each rule, by its identity in memory: many results have the same."""
        return {}


class _Component:
    """The driver or an extension of a tool, and its rules by index, id and guid."""

    def __init__(self, body: Any) -> None:
        self._rules = [one if isinstance(one, Mapping) else {} for one in list_at(body, "rules")]
        self.names = {name.casefold() for name in (text_at(body, "guid"), text_at(body, "name")) if name}
        self.by_id = {name: one for one in reversed(self._rules) if (name := text_at(one, "id"))}
        self.by_guid = {guid.casefold(): one for one in self._rules if (guid := text_at(one, "guid"))}

    def at(self, index: int | None) -> Mapping[str, Any]:
        return self._rules[index] if index is not None and 0 <= index < len(self._rules) else {}


def normal(address: str | None) -> str:
    """An address for comparing: without scheme, leading dots and slashes, escapes and backslashes."""
    path = unquote(address or "", errors="replace").replace("\\", "/").removeprefix("file://")
    return re.sub(r"^(?:\.?/)+", "", re.sub(r"/(?:\./)+|//+", "/", path))


def _is(named: str, known: str | None) -> bool:
    return known is None or named == known or named.startswith(f"{known}/")


def _argument(found: re.Match[str], arguments: Sequence[Any]) -> str:
    if found["number"] is None:
        return found[0][0]
    number = int(found["number"])
    return str(arguments[number])[:_ARGUMENT] if number < len(arguments) else found[0]
