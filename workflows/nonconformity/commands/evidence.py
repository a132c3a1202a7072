"""Bodies of commands about evidence, verification and close-out."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from workflows.people import Frozen
from workflows.procedure import Body, Day, Key, Name, Sha256, SignedBody, Text

Line = Annotated[Text, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$")]
MediaType = Annotated[
    Text,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*( ?;[ -~]*)?$"),
]
"""A type by RFC 6838, 4.2, perhaps with parameters."""


class AttachEvidence(Body):
    """A piece of evidence by its digest; `shows` names the actions or causes that it is about, `size` counts bytes.

    `site` is the site that it is from, where the extent names several.
    """

    command: ClassVar[str] = "attach_evidence"
    shows: tuple[Key, ...] = Field(min_length=1, max_length=100)
    name: Line
    sha256: Sha256
    media_type: MediaType
    produced_on: Day | None = None
    size: int | None = Field(default=None, ge=0, le=2**53 - 1, strict=True)
    site: Name | None = None


class CompleteAction(Body):
    """An action was carried out."""

    command: ClassVar[str] = "complete_action"
    key: Key
    done_on: Day


class ConfirmEffectiveness(SignedBody):
    """The client's internal auditor found the actions effective."""

    command: ClassVar[str] = "confirm_effectiveness"
    statement: Text


class SubmitEvidence(SignedBody):
    """The client answers for the evidence."""

    command: ClassVar[str] = "submit_evidence"


class ReturnedEvidence(Frozen):
    """What the evidence for one action or cause does not show."""

    shows: Key
    reason: Text


class ReturnEvidence(Body):
    """The evidence goes back: to the evidence itself, or to the plan."""

    command: ClassVar[str] = "return_evidence"
    to: Literal["evidence", "plan"]
    sections: tuple[ReturnedEvidence, ...] = Field(min_length=1, max_length=100)


class Verify(SignedBody):
    """The corrective actions are effective."""

    command: ClassVar[str] = "verify"
    statement: Text


class Close(SignedBody):
    """The nonconformity is closed out."""

    command: ClassVar[str] = "close"
    statement: Text


class Reopen(Body):
    """The closure was wrong."""

    command: ClassVar[str] = "reopen"
    reason: Text
