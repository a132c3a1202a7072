"""An observation or a risk of OSCAL as lines of evidence: what it says, how it was rated, what is planned about it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.intake.parts import at, labelled, list_at, rest, text_at

_PLACED = frozenset({
    "characterizations", "collected", "deadline", "description", "expires", "links", "methods", "mitigating-factors",
    "relevant-evidence", "related-observations", "remarks", "remediations", "statement", "status",
    "subjects", "title", "types", "uuid",
})  # fmt: skip


def lines(one: Mapping[str, Any], kind: str, subjects: Sequence[str]) -> Iterator[str]:
    """The lines; `kind` is what it is called, `subjects` are the names of what was looked at."""
    yield f"{kind}: {text_at(one, 'title') or text_at(one, 'uuid') or 'untitled'}"
    yield from (said for name in ("description", "statement", "remarks") if (said := text_at(one, name)))
    yield from labelled(
        ("Methods", ", ".join(_texts(one, "methods"))),
        ("Types", ", ".join(_texts(one, "types"))),
        ("Collected", text_at(one, "collected")),
        ("Expires", text_at(one, "expires")),
        ("Subjects", ", ".join(subjects)),
        ("Status", text_at(one, "status")),
        ("Deadline", text_at(one, "deadline")),
    )
    yield from map(_facet, facets(one))
    for evidence in list_at(one, "relevant-evidence"):
        yield from labelled(("Evidence", _dashed(text_at(evidence, "description"), text_at(evidence, "href"))))
    for factor in list_at(one, "mitigating-factors"):
        yield from labelled(("Mitigating factor", text_at(factor, "description")))
    for response in list_at(one, "remediations"):
        yield from _response(response)
    yield from rest(one, _PLACED)


def facets(risk: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a risk's characterizations say of it."""
    for said in list_at(risk, "characterizations"):
        yield from (facet for facet in list_at(said, "facets") if isinstance(facet, Mapping))


def props(one: Any) -> Iterator[tuple[str, str]]:
    """Names, in lower case, and values of the properties of an object."""
    for prop in list_at(one, "props"):
        name, value = text_at(prop, "name"), text_at(prop, "value")
        if name and value:
            yield name.casefold(), value


def _facet(facet: Mapping[str, Any]) -> str:
    state = next((f" ({value})" for name, value in props(facet) if name == "state"), "")
    return f"Facet: {text_at(facet, 'name')} {text_at(facet, 'value')}{state} [{text_at(facet, 'system')}]"


def _response(response: Any) -> Iterator[str]:
    """What is planned or was done about a risk, with its milestones."""
    label = f"Response ({text_at(response, 'lifecycle') or 'unstated'})"
    yield from labelled((label, _dashed(text_at(response, "title"), text_at(response, "description"))))
    for task in list_at(response, "tasks"):
        timing = at(task, "timing")
        span = at(timing, "within-date-range")
        ends = " to ".join(end for end in (text_at(span, "start"), text_at(span, "end")) if end)
        when = text_at(timing, "on-date", "date") or ends
        said = _dashed(text_at(task, "title"), text_at(task, "description"), when)
        yield from labelled(((text_at(task, "type") or "task").capitalize(), said))


def _dashed(*parts: str | None) -> str:
    return " — ".join(part for part in parts if part)


def _texts(one: Any, name: str) -> list[str]:
    return [said for said in list_at(one, name) if isinstance(said, str)]
