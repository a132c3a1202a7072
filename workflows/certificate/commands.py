"""The bodies of the commands on a certificate."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from workflows.policy import Suspension
from workflows.procedure import Body, Day, Key, Name, SignedBody, Text
from workflows.scopes import Sites, Standard, Standards, each_once
from workflows.sentences import Sentence

Cases = Annotated[tuple[Name, ...], Field(max_length=500), AfterValidator(each_once)]


class Held(Body):
    """The days from which and until which a certificate holds."""

    issued_on: Day
    expires_on: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.expires_on <= self.issued_on:
            raise ValueError(Sentence("a certificate expires after it was issued"))
        return self


class Apply(Body):
    """A client applies for certification; again, after a refusal, a withdrawal or an expiry.

    `client` is the key of the client, `sites` are among its own where it has registered any.
    """

    command: ClassVar[str] = "apply"
    key: Key
    client: Key
    standards: Standards
    sites: Sites = ()
    scope: Text


class TransferIn(Held):
    """A valid certificate of another body is taken over, with its dates.

    `cases` are the nonconformities that are open there, by number or id: each has come as a finding with `history`,
    which keeps its grade and its dates.
    """

    command: ClassVar[str] = "transfer_in"
    key: Key
    client: Key
    standards: Standards
    sites: Sites = ()
    scope: Text
    from_body: Name
    cases: Cases = ()


class Grant(Held, SignedBody):
    """Certification is decided; `audit` is the audit on which the decision rests, the latest where none is named.

    One person may decide, and signs: 17021-1 9.5.1 asks for persons or committees that had no part in the audit, and
    for no number. Several decide as the body's own rules have it, and one of them signs for all.
    """

    command: ClassVar[str] = "grant"
    audit: Key | None = None
    reason: Text


class Renew(Held, SignedBody):
    """Recertification is decided, before the certificate expires."""

    command: ClassVar[str] = "renew"
    audit: Key | None = None
    reason: Text


class Suspend(SignedBody):
    """The certificate is suspended for a reason that no nonconformity stands for."""

    command: ClassVar[str] = "suspend"
    reason: Text


class Restore(SignedBody):
    """A suspension is lifted; or certification is restored within six months of its expiry.

    After an expiry, `expires_on` is stated, by the certification cycle before it; it holds from today.
    """

    command: ClassVar[str] = "restore"
    reason: Text
    expires_on: Day | None = None
    audit: Key | None = None


class Reduce(SignedBody):
    """Parts are taken out: `standards` and `sites` that are on it, or the `scope` as it reads from now on."""

    command: ClassVar[str] = "reduce"
    standards: Annotated[tuple[Standard, ...], Field(max_length=50)] = ()
    sites: Sites = ()
    scope: Text | None = None
    reason: Text

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.standards or self.sites or self.scope):
            raise ValueError(Sentence("say what is taken out: standards, sites, or the scope as it reads from now on"))
        return self


class Withdraw(SignedBody):
    """The certificate is withdrawn."""

    command: ClassVar[str] = "withdraw"
    reason: Text


class ApplyDecision(Body):
    """A committee review decided about a certificate; comes by reaction of the nonconformity, `case` by its id.

    `effect` is the decision's written effect, `suspension` the terms of the case's policy.
    """

    command: ClassVar[str] = "apply_decision"
    review: Name
    case: Name
    choice: Literal["suspend", "reduce_scope", "withdraw_certificate", "refuse"]
    effect: Text
    reason: Text
    suspension: Suspension | None = None


class Resolve(Body):
    """A nonconformity ended that may have caused a suspension; comes by reaction."""

    command: ClassVar[str] = "resolve"
    case: Name
    reason: Text


class SetAside(Body):
    """An appeal against a committee review was upheld: what it decided here is undone; comes by reaction."""

    command: ClassVar[str] = "set_aside"
    review: Name
    case: Name
    reason: Text


class ChangeClient(Body):
    """The client was merged into another; comes by reaction."""

    command: ClassVar[str] = "change_client"
    client: Key
