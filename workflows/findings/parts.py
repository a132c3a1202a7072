"""Part of a finding: what a document states of it that leaves the rest to other documents."""

from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import AfterValidator, Field, StringConstraints

from workflows.canonical import digest
from workflows.findings.model import Finding
from workflows.findings.revisions import APART
from workflows.people import Frozen

LongText = Literal["statement", "objective_evidence"]


def _revisable(name: str) -> str:
    if name not in Finding.model_fields or name in APART:
        raise ValueError("no field of a finding that a document could state again")
    return name


class Share(Frozen):
    """A text of which a document states what stands `above` a line, or from that line on.

    `line` is how the line begins at which the text is divided, the first that does.
    """

    field: LongText
    side: Literal["above", "below"]
    line: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\r\n]+$")]


class Part(Frozen):
    """What a document states of a finding: `fields` by their names, and `shares` of its long texts; the rest stays.

    A field that is stated empty is emptied. Whoever states shares bounds them, so that the whole text keeps its bound.
    """

    fields: Annotated[tuple[Annotated[str, AfterValidator(_revisable)], ...], Field(max_length=50)] = ()
    shares: Annotated[tuple[Share, ...], Field(max_length=2 * len(get_args(LongText)))] = ()

    def __or__(self, other: "Part") -> "Part":
        """What either of two states."""
        return Part(
            fields=tuple(dict.fromkeys((*self.fields, *other.fields))),
            shares=tuple(dict.fromkeys((*self.shares, *other.shares))),
        )


class _Divided(NamedTuple):
    above: str
    below: str


def _divided(text: str, line: str) -> _Divided:
    if text.startswith(line):
        return _Divided("", text)
    above, mark, below = text.partition(f"\n{line}")
    return _Divided(above, f"{line}{below}" if mark else "")


def _share(finding: Finding, share: Share) -> str:
    divided = _divided(getattr(finding, share.field), share.line)
    return divided.above if share.side == "above" else divided.below


def said_in(part: Part, finding: Finding) -> str:
    """The digest of a part of a finding, by which it is known again whatever the rest says."""
    fields = finding.model_dump(mode="json", include=set(part.fields))
    shares = {f"{one.field} {one.side} {one.line}": _share(finding, one) for one in part.shares}
    return digest([fields, shares])


def joined(before: Finding, now: Finding, part: Part) -> Finding:
    """A finding of which a document states a part anew."""
    stated = {name: getattr(now, name) for name in part.fields}
    for share in part.shares:
        known = _divided(stated.get(share.field, getattr(before, share.field)), share.line)
        said = _share(now, share)
        texts = (said, known.below) if share.side == "above" else (known.above, said)
        stated[share.field] = "\n".join(filter(None, texts))
    return before.model_copy(update=stated)
