"""The procedures in words: Markdown for auditors and engineers, and a Mermaid diagram. Made from the tables."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.decider import Refusal
from workflows.people import Role
from workflows.policy import PACKAGED, Policy, read
from workflows.procedure import COMMON, SIGNING, AnotherClient, Procedure, Row
from workflows.procedure_clocks import clocks

TITLES: Mapping[str, str] = {
    "nonconformity": "Nonconformity",
    "committee_review": "Committee review",
    "client": "Client",
    "audit": "Audit",
}

INTRODUCTION = """\
# The procedure

This page is made from the tables by which commands are decided (`closeout states`; the diagrams: `closeout
states --mermaid`). A test fails when it is not current, so it says what the service does, not what somebody
meant.

**How to read it.** A nonconformity, a committee review and a client are each a stream of events. A *command*
is a request by somebody; it is accepted, which records at least one event, or refused, which records none and
names the rule. One row is one command: from which states it is possible, in which it may end (where none is
named, the state stays), who may give it, what is checked, what a signature on it says, and where the rule
comes from. `17021-1` is ISO/IEC 17021-1:2015, `9001` is ISO 9001:2015, `policy` is the deadline policy that
was copied into the case at its issue.

**The order of the checks.** Whether there is such a command; the caller's role and, for a client's people and
keys bound to a client, that the case is theirs; the state; the shape of the body; whether the caller can sign
at all; the row's guards in the order in which they are listed; last, the signature itself. The first that
fails is the answer. A person of the client acts for that client only; machines never sign; a signature covers
the digest of exactly what the signer was shown, and means what the act says.

**Who.** On the client's side: owner (prepares plan and evidence), approver (answers for them by signature),
internal auditor. On the certification body's side: auditor, reviewer, scheme manager; which of them review is
stated by the policy, and an auditor reviews only cases of the own audit where its team is stated. Committee
members decide reviews, never cases in which they had a part.
"""

_ANY_COMMAND: tuple[type[Refusal], ...] = (*COMMON, AnotherClient, *SIGNING)


def document(procedures: Mapping[str, Procedure[Any]]) -> str:
    """The whole page: introduction, a chapter a procedure, clocks with the dates of the packaged policy, committee."""
    policies = [read(path) for path in sorted(PACKAGED.glob("*.toml"))]
    policy = next(policy for policy in policies if policy.name == "default")
    chapters = [chapter(kind, procedure) for kind, procedure in procedures.items()]
    return "\n".join([INTRODUCTION, *chapters, clocks(policy, policies), committee(policy), _common()])


def chapter(kind: str, procedure: Procedure[Any]) -> str:
    """One procedure: its diagram, its rows, and each guard in full."""
    lines = [
        f"## {TITLES[kind]}",
        "",
        "```mermaid",
        diagram(procedure).rstrip(),
        "```",
        "",
        "| Command | What it says | From | To | Who | Guards | Source |",
        "|---|---|---|---|---|---|---|",
        *(_row(row) for row in procedure.rows),
        "",
        *_signatures(procedure.rows),
        *_guards(procedure.rows),
    ]
    return "\n".join(lines)


def diagram(procedure: Procedure[Any]) -> str:
    """The transitions of a procedure as a Mermaid state diagram; commands that keep the state stand in the table."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in procedure.rows:
        for start in sorted(row.states - row.keeps):
            for end in row.to:
                if start != end:
                    arrows.setdefault((start, end), []).append(row.command)
    ends = {end for _, end in arrows} - {start for start, _ in arrows}
    lines = [f"  {start or '[*]'} --> {end}: {', '.join(commands)}" for (start, end), commands in arrows.items()]
    return "\n".join(["stateDiagram-v2", *lines, *(f"  {end} --> [*]" for end in sorted(ends))]) + "\n"


def committee(policy: Policy) -> str:
    """How a review is called, seated and decided."""
    return f"""\
## The certification committee

A review is called by a missed date whose breach calls it, by the round limit, by one more extension than
reviewers may grant, or by hand. All committee members are seated; recused by rule is whoever is of the audit
team, took part in the case or belongs to the client; whoever is recused stays so. It decides within
{policy.committee.within}, with {policy.committee.quorum} votes at least and a {policy.committee.majority}
majority of the votes cast; a quorum that cannot be reached is recorded at once, with who could sit. Votes are
signed, one a member. The decision takes effect on the case by reaction: *extend* (and *special audit* with a
date) moves the date in question, the earliest of the dates voted for; *suspend*, *reduce scope*, *withdraw
certificate*, *refuse* (initial audits only) and a special audit without a date stop the close-out date;
*regrade* turns a major into a minor and a minor into a major; *dismiss* ends the case. On a case closed
meanwhile the decision is recorded and changes nothing.
"""


def _common() -> str:
    lines = ["## Refusals of any command", "", "| Code | Refusal |", "|---|---|"]
    lines += [f"| `{refusal.code}` | {_cell(refusal.says)} |" for refusal in _ANY_COMMAND]
    return "\n".join([*lines, ""])


def _row(row: Row) -> str:
    who = "by reaction" if row.internal else _roles(row.who)
    guards = ", ".join(f"`{refusal.code}`" for guard in row.guards for refusal in guard.refusals)
    starts = ", ".join(state or "(new)" for state in sorted(row.states))
    command = f"`{row.command}`" + (" (signed)" if row.signs else "")
    return (
        f"| {command} | {_cell(_first(row.body))} | {starts} | {', '.join(row.to)} | {who} | {guards} | {row.source} |"
    )


def _signatures(rows: Iterable[Row]) -> list[str]:
    signing = [row for row in rows if row.signs is not None]
    if not signing:
        return []
    lines = ["| Signed command | The signature says | It covers |", "|---|---|---|"]
    lines += [f"| `{row.command}` | {_cell(row.meaning)} | {_cell(_first(row.signs))} |" for row in signing]
    return [*lines, ""]


def _guards(rows: Iterable[Row]) -> list[str]:
    refusals: dict[str, type[Refusal]] = {
        refusal.code: refusal for row in rows for guard in row.guards for refusal in guard.refusals
    }
    if not refusals:
        return []
    lines = ["| Code | The rule | The refusal |", "|---|---|---|"]
    for code, refusal in refusals.items():
        lines.append(f"| `{code}` | {_cell(_first(refusal))} | {_cell(refusal.says)} |")
    return [*lines, ""]


def _roles(roles: Iterable[Role]) -> str:
    return ", ".join(role.value.replace("_", " ") for role in sorted(roles))


def _first(documented: object) -> str:
    """The first paragraph of a docstring."""
    return " ".join((documented.__doc__ or "").strip().partition("\n\n")[0].split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
