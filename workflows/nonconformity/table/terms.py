"""The states and roles that rows name."""

from workflows.nonconformity.case import LIVE
from workflows.people import CB_SIDE, Role

NEW = frozenset({""})
REPORTED = frozenset({"reported"})
OPEN = frozenset({"open"})
PLAN_SUBMITTED = frozenset({"plan_submitted"})
EVIDENCE_SUBMITTED = frozenset({"evidence_submitted"})
VERIFIED = frozenset({"verified"})
CLOSED = frozenset({"closed"})
ENDED = frozenset({"dismissed", "withdrawn", "superseded"})
HEARING = REPORTED | LIVE
"""Where a case hears what its source says otherwise."""
ANY = REPORTED | LIVE | CLOSED | ENDED
BEFORE_VERIFIED = LIVE - VERIFIED
PLANNING = OPEN | PLAN_SUBMITTED

OWNER = frozenset({Role.CLIENT_OWNER})
APPROVER = frozenset({Role.CLIENT_APPROVER})
CLIENT = frozenset({Role.CLIENT_OWNER, Role.CLIENT_APPROVER})
AUDITOR = frozenset({Role.AUDITOR})
REPORTER = frozenset({Role.INTEGRATION, Role.AUDITOR})
MANAGER = frozenset({Role.SCHEME_MANAGER})
REVIEWING = CB_SIDE
"""Who may review where the policy says so: the guard `reviews_here` asks it."""
NOBODY: frozenset[Role] = frozenset()
