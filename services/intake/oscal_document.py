"""What an OSCAL document's findings point to: observations, risks, subjects, resources; and what it says of itself."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.intake.oscal_told import lines
from services.intake.parts import at, link, list_at, text_at

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Scope:
    """Where the references of a finding lead: `document` is the model's root, `inner` a result of it, or the root."""

    document: Mapping[str, Any]
    inner: Mapping[str, Any]

    @property
    def is_plan(self) -> bool:
        """Whether it is a POA&M, whose items are not findings of its own."""
        return self.inner is self.document

    @property
    def title(self) -> str | None:
        """The title of the document; of bare results, their own."""
        return text_at(self.document, "metadata", "title") or text_at(self.inner, "title")

    @property
    def changed(self) -> str | None:
        """When the document last changed."""
        return text_at(self.document, "metadata", "last-modified")

    @property
    def system(self) -> str | None:
        """The system that is assessed: its id, else where its plan is."""
        stated = at(self.document, "system-id")
        named = text_at(stated, "id") or text_at(self.document, "system-id")
        return named or text_at(self.document, "import-ssp", "href") or text_at(self.document, "import-ap", "href")

    @cached_property
    def parties(self) -> Sequence[str]:
        """The names of whom the document names: assessors and owners."""
        return [name for one in list_at(self.document, "metadata", "parties") if (name := text_at(one, "name"))]

    @cached_property
    def _observations(self) -> Mapping[str, Mapping[str, Any]]:
        return by_uuid(list_at(self.inner, "observations"))

    @cached_property
    def _risks(self) -> Mapping[str, Mapping[str, Any]]:
        return by_uuid(list_at(self.inner, "risks"))

    @cached_property
    def findings(self) -> Mapping[str, Mapping[str, Any]]:
        """The findings of a POA&M by their uuids."""
        return by_uuid(list_at(self.inner, "findings"))

    @cached_property
    def _resources(self) -> Mapping[str, Mapping[str, Any]]:
        return by_uuid(list_at(self.document, "back-matter", "resources"))

    @cached_property
    def _subjects(self) -> Mapping[str, str]:
        """The names of what can be assessed, by its uuid."""
        named: dict[str, str] = {}
        for holder in (self.document, self.inner):
            local = at(holder, "local-definitions")
            for one in (
                *list_at(local, "components"),
                *list_at(local, "inventory-items"),
                *list_at(local, "users"),
                *list_at(local, "assessment-assets", "components"),
                *list_at(self.document, "metadata", "parties"),
            ):
                name = text_at(one, "title") or text_at(one, "name") or text_at(one, "description")
                if name and (uuid := _uuid(one)):
                    named.setdefault(uuid, name)
        return named

    def observations(self, *holders: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The observations that a finding, its item or its risks are related to, each once."""
        return _pointed(self._observations, holders, "related-observations", "observation-uuid")

    def risks(self, *holders: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The risks that a finding or its item is related to, each once."""
        return _pointed(self._risks, holders, "related-risks", "risk-uuid")

    def dangling(self, one: Mapping[str, Any]) -> Iterator[str]:
        """Pointers to the references of a finding or an item that lead nowhere."""
        for name, key, known in (
            ("related-observations", "observation-uuid", self._observations),
            ("related-risks", "risk-uuid", self._risks),
        ):
            for index, reference in enumerate(list_at(one, name)):
                if (text_at(reference, key) or "").casefold() not in known:
                    yield f"/{name}/{index}/{key}"

    def subjects(self, observations: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """The names of what the observations looked at, as far as the document has them."""
        named = (
            text_at(one, "title") or self._subjects.get((text_at(one, "subject-uuid") or "").casefold())
            for observation in observations
            for one in list_at(observation, "subjects")
        )
        return list(dict.fromkeys(name for name in named if name))

    def told(self, one: Mapping[str, Any], kind: str) -> Sequence[str]:
        """An observation or a risk as lines of evidence; of each they are made once, for many findings share it."""
        if (held := self._told.get(id(one))) is None:
            held = self._told[id(one)] = list(lines(one, kind, self.subjects([one])))
        return held

    @cached_property
    def _told(self) -> dict[int, Sequence[str]]:
        # The document's own values live as long as this, so that their identities stay theirs.
        return {}

    def attachments(self, href: str | None, name: str | None = None) -> Iterator[dict[str, str]]:
        """What a reference leads to: an address on the web, or a resource of the document by `#uuid`."""
        if href is None or not href.startswith("#"):
            yield from link(name, href)
            return
        resource = self._resources.get(href[1:].casefold())
        title = text_at(resource, "title") or text_at(resource, "description") or name
        for one in list_at(resource, "rlinks"):
            hashes = {
                (text_at(said, "algorithm") or "").casefold(): (text_at(said, "value") or "").casefold()
                for said in list_at(one, "hashes")
            }
            yield from _attachment(title, text_at(one, "href"), text_at(one, "media-type"), hashes.get("sha-256"))
        if (inline := at(resource, "base64")) is not None:
            content = "".join((text_at(inline, "value") or "").split())
            name = text_at(inline, "filename") or title
            yield from _attachment(name, None, text_at(inline, "media-type"), _digest(content))


def by_uuid(many: Sequence[Any]) -> Mapping[str, Mapping[str, Any]]:
    """Objects by their uuids; the first where several have the same."""
    found: dict[str, Mapping[str, Any]] = {}
    for one in many:
        if isinstance(one, Mapping) and (uuid := _uuid(one)):
            found.setdefault(uuid, one)
    return found


def _uuid(one: Any) -> str | None:
    return (text_at(one, "uuid") or "").casefold() or None


def _pointed(
    known: Mapping[str, Mapping[str, Any]], holders: Sequence[Mapping[str, Any]], name: str, key: str
) -> Sequence[Mapping[str, Any]]:
    named = [(text_at(one, key) or "").casefold() for holder in holders for one in list_at(holder, name)]
    return [known[uuid] for uuid in dict.fromkeys(named) if uuid in known]


def _digest(content: str) -> str | None:
    """The digest of what is held in base64, where it is that."""
    try:
        return hashlib.sha256(base64.b64decode(content, validate=True)).hexdigest()
    except (binascii.Error, ValueError):
        return None


def _attachment(
    name: str | None, address: str | None, media_type: str | None, sha256: str | None
) -> Iterator[dict[str, str]]:
    found = {
        "name": (name or "")[:200].strip(),
        "url": address if address and len(address) <= 2000 else "",
        "media_type": (media_type or "")[:200],
        "sha256": sha256 if sha256 and _SHA256.fullmatch(sha256) else "",
    }
    if held := {field: value for field, value in found.items() if value}:
        yield held
