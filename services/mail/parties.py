"""Who an audience is, of those whom the registry knows: pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from activities.directory.mail import Contact
from services.mail.concerns import Audience, Concern
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import CLIENT_DATES
from workflows.people import CLIENT_SIDE, Actor, Role

CanAct = Callable[[Contact], bool]


@dataclass(frozen=True, slots=True)
class Scene:
    """What an event happened to, and who is around.

    `client` is the key of the client, `shown` whether its people see the thing; `case` is None where it is no case,
    `sitting` are those who sit on a review. `can_act` says who has something to do on the case now.
    """

    client: str | None
    shown: bool
    contacts: Sequence[Contact]
    can_act: CanAct
    case: Case | None = None
    sitting: tuple[str, ...] = ()

    @property
    def here(self) -> Sequence[Contact]:
        """Who has not left: nobody else is told anything."""
        return [one for one in self.contacts if not one.left]


@dataclass(frozen=True, slots=True)
class Party:
    """Who is told; `missing` are names and audiences that are to be told and that nobody in the registry is."""

    contacts: Sequence[Contact]
    missing: Sequence[str]


def party(concern: Concern, scene: Scene, data: dict[str, Any], actor: str) -> Party:
    """Who is told of an event with these data: everybody once, and never who did it."""
    found: dict[str, Contact] = {}
    missing: list[str] = []
    for audience in concern.to:
        some, absent = _audience(audience, scene, data)
        found |= {one.person.id: one for one in some if _may_know(one, scene)}
        missing += absent
    return Party([one for one in found.values() if one.person.id != actor], [who for who in missing if who != actor])


def acting(contact: Contact) -> Actor:
    """A contact as who they would be, were they to act now."""
    person = contact.person
    return Actor(id=person.id, name=person.name, roles=person.roles, client=person.client)


def _may_know(contact: Contact, scene: Scene) -> bool:
    """People of a client are told of what their client is shown, and of nothing else."""
    return contact.person.client is None or (scene.shown and contact.person.client == scene.client)


def _audience(audience: Audience, scene: Scene, data: dict[str, Any]) -> tuple[Sequence[Contact], Sequence[str]]:
    match audience:
        case "client":
            return _ours(scene, CLIENT_SIDE)
        case "approvers":
            return _ours(scene, frozenset({Role.CLIENT_APPROVER}))
        case "body":
            return _body(scene), ()
        case "managers":
            found = _holding(scene, Role.SCHEME_MANAGER)
            return found, () if found else ("scheme managers",)
        case "committee":
            return _called(scene, scene.sitting)
        case "team" | "assigned":
            return _near(audience, scene, data)
        case "owing" | "asked" | "answered":
            return _ours(scene, CLIENT_SIDE) if _is_clients(audience, scene, data) else (_body(scene), ())


def _near(
    audience: Literal["team", "assigned"], scene: Scene, data: dict[str, Any]
) -> tuple[Sequence[Contact], Sequence[str]]:
    case = scene.case
    if audience == "team":
        # Members of a team are named as the audit's plan writes them, who need not be people here.
        return _called(scene, case.audit_team if case else ())[0], ()
    named = [data["person"]] if "person" in data else case.assigned.values() if case else ()
    return _called(scene, tuple(named))


def _is_clients(audience: Literal["owing", "asked", "answered"], scene: Scene, data: dict[str, Any]) -> bool:
    """Whether it is the client's side, and not the certification body's."""
    match audience:
        case "owing":
            return data.get("deadline") in CLIENT_DATES
        case "asked":
            return data.get("of") == "client"
        case "answered":
            answered = scene.case.answered if scene.case else ()
            return any(one.key == data.get("question") and one.of != "client" for one in answered)


def _ours(scene: Scene, roles: frozenset[Role]) -> tuple[Sequence[Contact], Sequence[str]]:
    """The client's people with one of these roles; where none has, all of them; none at all are missing."""
    if not scene.shown or scene.client is None:
        return (), ()
    ours = [one for one in scene.here if one.person.client == scene.client and one.person.roles & CLIENT_SIDE]
    found = [one for one in ours if one.person.roles & roles] or ours
    return found, () if found else (f"people of {scene.client}",)


def _body(scene: Scene) -> Sequence[Contact]:
    """Those of the body who can act now: whoever is on the case first, then the reviewers; else whoever is on it."""
    case = scene.case
    on_it = {*case.assigned.values(), *case.audit_team} if case else set()
    near = [one for one in scene.here if one.person.client is None and _is_called(one, tuple(on_it))]
    reviewers = _holding(scene, Role.REVIEWER)
    for group in (near, reviewers):
        if able := [one for one in group if scene.can_act(one)]:
            return able
    return near or reviewers


def _holding(scene: Scene, role: Role) -> Sequence[Contact]:
    return [one for one in scene.here if one.person.client is None and role in one.person.roles]


def _called(scene: Scene, names: Sequence[str]) -> tuple[Sequence[Contact], Sequence[str]]:
    """Who goes by these names; missing are those that nobody bears, not those of who has left."""
    found = [one for one in scene.here if _is_called(one, names)]
    return found, [name for name in names if not any(_is_called(one, (name,)) for one in scene.contacts)]


def _is_called(contact: Contact, names: Sequence[str]) -> bool:
    actor = acting(contact)
    return any(actor.is_called(name) for name in names)
