"""The sample people, as the embedded issuer knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.bootstrap import ACME, PEOPLE, sample_address
from services.tokens import Issuer
from workflows.people import CLIENT_SIDE, Role


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample person; `id` is the one by which the API knows them, too."""

    id: str
    name: str
    role: Role
    client: str | None

    def claims(self, tenant: str) -> dict[str, Any]:
        """What the issuer says of them."""
        said = {"sub": self.id, "name": self.name, "tenant": tenant, "roles": [str(self.role)]}
        said["email"] = sample_address(self.name, self.client)
        return said | ({"client": self.client} if self.client else {})


def samples(issuer: Issuer, tenant: str) -> Sequence[Sample]:
    """Everybody whom `closeout up` introduces."""
    sided = [(name, role, ACME if role in CLIENT_SIDE else None) for name, role in PEOPLE]
    return [Sample(issuer.subject(tenant, client, name), name, role, client) for name, role, client in sided]
