"""Our own DOCX templates, as they are drawn: `python -m tests.reports.drawing` writes them anew."""

import io
from collections.abc import Callable, Mapping

from docx.document import Document as Paper

from services.reports.form import Form
from services.reports.minutes.form import Minutes
from services.reports.paper import Paper as Kind
from services.reports.paper import ours
from tests.reports import strokes as s

IDENTIFICATION = (
    ("Client", "{{ client.name }} ({{ client.key }})"),
    ("Sites", "{{ sites|join(', ') }}"),
    ("Department", "{{ department }}"),
    ("Process", "{{ process }}"),
    ("Audit", "{{ audit.ref }}{% if audit.stage %}, {{ audit.stage }}{% endif %}"),
    ("Audit ended on", "{{ audit.ended_on }}"),
    ("Audit team", "{{ audit.team|join(', ') }}"),
    ("Reported", "{{ reported.by }}{% if reported.at %}, {{ reported.at }}{% endif %}"),
    ("Issued", "{{ issued.by }}{% if issued.at %}, {{ issued.at }}{% endif %}"),
    ("Source", "{{ source }}"),
    ("Deadline policy", "{{ policy }}"),
    ("Recurrence of", "{{ recurrence_of }}"),
    ("Systemic, made of", "{{ aggregates|join(', ') }}"),
)


def _evidence(paper: Paper) -> None:
    s.text(paper, "objective_evidence")
    s.when(paper, "stated", "What was completed, and what its source states:")
    s.loop(
        paper,
        "one in stated",
        "{{ one.what }}{% if one.by %}, completed by {{ one.by }}, {{ one.at }}{% endif %}"
        "{% if one.why %} ({{ one.why }}){% endif %}. Its source states: {{ one.source or 'nothing' }}",
    )


def nonconformity() -> bytes:
    """The template of a nonconformity's form."""
    paper = s.blank("Nonconformity report")
    paper.add_heading("Nonconformity report {{ number }}", 1)
    s.line(paper, "{{ title }}", bold=True)
    s.line(
        paper,
        "Grade: {{ grade or 'Not graded' }}{% if label %} ({{ label }}){% endif %}    Status: {{ status }}",
        quiet=True,
    )
    s.line(paper, "Certification body: {{ body }}    Report made {{ made_at }}", quiet=True)
    s.section(paper, "1 Identification")
    s.pairs(paper, IDENTIFICATION)
    s.section(paper, "2 Requirement")
    s.loop(paper, "one in requirements", "{{ one.reference }} {{ one.title }}", "{{ one.text }}")
    s.section(paper, "3 Statement of nonconformity")
    s.text(paper, "statement")
    s.section(paper, "4 Objective evidence")
    _evidence(paper)
    s.section(paper, "5 Acknowledgement of receipt")
    s.said(paper, "acknowledged")
    s.section(paper, "6 Deadlines")
    s.table(
        paper,
        "one in deadlines",
        ("Deadline", "{{ one.kind }}"),
        ("Due", "{{ one.due_at }}{% if one.first_due_at != one.due_at %} (first {{ one.first_due_at }}){% endif %}"),
        ("State", "{{ one.state }}{% if one.met_at %}, {{ one.met_at }}{% endif %}"),
        (
            "How it came about",
            "{{ one.explanation|join(' ') }}{% if one.excused %} Excused: {{ one.excused }}{% endif %}",
        ),
    )
    s.section(paper, "7 Correction (containment)")
    s.text(paper, "correction.text")
    s.when(paper, "correction.done_on", "Done on {{ correction.done_on }}")
    s.when(paper, "correction.not_possible_because", "Not possible: {{ correction.not_possible_because }}")
    s.section(paper, "8 Root cause")
    s.line(paper, "Method: {{ analysis.method or 'Not recorded.' }}")
    s.loop(paper, "one in analysis.steps", "{{ loop.index }}. {{ one }}")
    s.table(
        paper,
        "one in analysis.causes",
        ("Key", "{{ one.key }}"),
        ("Cause", "{{ one.text }}"),
        ("Category", "{{ one.category }}"),
    )
    s.when(paper, "analysis.looked_at", "Looked for in: {{ analysis.looked_at|join('; ') }}")
    s.when(paper, "analysis.found", "Found: {{ analysis.found|join('; ') }}")
    s.loop(paper, "one in sites_affected", "{{ one.site }}: {{ one.affected }}. {{ one.text }}")
    s.section(paper, "9 Corrective actions")
    s.when(paper, "plan", "Plan: {{ plan }}")
    s.table(
        paper,
        "one in actions",
        ("Key", "{{ one.key }}"),
        ("Action", "{{ one.text }}\nRemoves {{ one.causes }}{% if one.after %}; after {{ one.after }}{% endif %}"),
        ("Responsible", "{{ one.owner }}"),
        ("Due", "{{ one.due_on }}"),
        ("Done", "{{ one.done_on or one.state }}"),
    )
    s.section(paper, "10 Evidence of implementation")
    s.table(
        paper,
        "one in evidence",
        ("Evidence", "{{ one.name }} ({{ one.media_type }}) SHA-256 {{ one.sha256 }}"),
        ("Shows", "{{ one.shows }}"),
        ("Produced on", "{{ one.produced_on }}"),
        ("Attached", "{{ one.attached_by }}, {{ one.attached_at }}"),
    )
    s.section(paper, "11 Verification of effectiveness")
    s.when(paper, "confirmation.at", "Confirmed by the client: {{ confirmation.text }}")
    s.when(paper, "confirmation.at", "{{ confirmation.by }}, {{ confirmation.at }}")
    s.when(paper, "follow_up", "{{ follow_up }}")
    s.when(paper, "deferral", "{{ deferral }}")
    s.text(paper, "verification.text")
    s.said(paper, "verification")
    s.section(paper, "12 Close-out")
    s.when(paper, "ended_because", "{{ ended_because }}")
    s.text(paper, "closure.text")
    s.said(paper, "closure")
    s.section(paper, "13 Review and decisions")
    s.table(
        paper,
        "one in decisions",
        ("When", "{{ one.at }}"),
        ("Who", "{{ one.by }}"),
        ("Decision", "{{ one.what }}"),
        ("Reason", "{{ one.why }}"),
    )
    s.section(paper, "14 Signatures")
    _signatures(paper)
    s.foot(paper)
    return _bytes(paper)


SUBJECT = (
    ("Client", "{{ client.name }} ({{ client.key }})"),
    ("Case", "{{ number }}, {{ case }}"),
    ("Audit", "{{ audit }}"),
    ("Certificates", "{{ certificates|join(', ') }}"),
    ("Review", "{{ id }}"),
    ("Opened", "{{ opened_at }}"),
    ("To be decided by", "{{ due_at }}"),
)


def minutes() -> bytes:
    """The template of a review's minutes."""
    paper = s.blank("Minutes of the certification committee")
    paper.add_heading("Minutes of the certification committee {{ number }}", 1)
    s.line(paper, "{{ title }}", bold=True)
    s.line(paper, "Review: {{ status }}    Grade: {{ grade or 'Not graded' }}", quiet=True)
    s.line(paper, "Certification body: {{ body }}    Minutes made {{ made_at }}", quiet=True)
    s.when(paper, "draft", "{{ draft }}")
    s.section(paper, "1 Subject")
    s.pairs(paper, SUBJECT)
    s.section(paper, "2 Why it was called, and by when it had to decide")
    s.line(paper, "{{ cause }}", bold=True)
    s.text(paper, "called.text")
    s.said(paper, "called")
    s.when(paper, "overdue.at", "Its date passed without a decision, as recorded {{ overdue.at }}. {{ overdue.text }}")
    s.loop(paper, "one in dates", "{{ one }}")
    s.section(paper, "3 The committee")
    s.table(paper, "one in members", ("Member", "{{ one.name }}"), ("Standing", "{{ one.standing }}"))
    s.line(paper, "Recused: {{ 'see below' if recusals else 'nobody' }}")
    s.table(
        paper,
        "one in recusals",
        ("Who", "{{ one.person }}"),
        ("Why", "{{ one.reason }}"),
        ("By whom", "{{ one.by }}"),
        ("When", "{{ one.at }}"),
    )
    s.when(paper, "could_sit", "Too few sit. Who else could: {{ could_sit }}")
    s.line(paper, "Quorum: {{ quorum }}. {{ reached }}: {{ cast }} of {{ sitting }} who sit voted.")
    s.line(paper, "Majority: {{ majority }}")
    s.section(paper, "4 What lay before the committee")
    s.table(
        paper,
        "one in documents",
        ("Document", "{{ one.what }}"),
        ("By", "{{ one.by }}"),
        ("When", "{{ one.at }}"),
        ("SHA-256", "{{ one.sha256 }}"),
    )
    s.section(paper, "5 Votes")
    s.table(
        paper,
        "one in votes",
        ("Who", "{{ one.by }}"),
        ("When", "{{ one.at }}"),
        ("Vote", "{{ one.choice }}{% if one.until %}, until {{ one.until }}{% endif %}. {{ one.standing }}"),
        ("Reason", "{{ one.reason }}"),
        ("SHA-256 of the papers", "{{ one.sha256 }}"),
    )
    s.loop(paper, "one in tally", "{{ one.choice }}: {{ one.votes }}")
    s.loop(paper, "one in lacking", "{{ one }}")
    s.section(paper, "6 Decision")
    s.line(paper, "{{ decision.choice or 'Not recorded.' }}", bold=True)
    s.when(paper, "decision.reason", "{{ decision.reason }}")
    s.loop(paper, "one in decision.conditions", "Condition: {{ one }}")
    s.when(paper, "decision.effect", "Effect: {{ decision.effect }}")
    s.said(paper, "decision")
    s.when(paper, "discontinued.at", "Ended without a decision, {{ discontinued.at }}: {{ discontinued.text }}")
    s.section(paper, "7 What it did to case and certificate")
    s.table(
        paper,
        "one in effects",
        ("On", "{{ one.on }}"),
        ("When", "{{ one.at }}"),
        ("What", "{{ one.what }}"),
        ("Why", "{{ one.why }}"),
        ("Hash of its event", "{{ one.sha256 }}"),
    )
    s.section(paper, "8 Signatures")
    _signatures(paper)
    s.section(paper, "9 The record, and how to verify it")
    s.table(
        paper,
        "one in course",
        ("Event", "{{ one.seq }}"),
        ("When", "{{ one.at }}"),
        ("Who", "{{ one.by }}"),
        ("What", "{{ one.what }}"),
        ("Hash", "{{ one.sha256 }}"),
    )
    s.line(
        paper,
        "Each hash is that of an event and of the hash before it. To verify: compute the chain anew of the events at "
        "{{ address }}, as docs/ledger.md tells, and compare its end with the hash at the foot. Verify the record, on "
        "the page of the review, and closeout ledger verify do the same.",
    )
    s.foot(paper)
    return _bytes(paper)


def _signatures(paper: Paper) -> None:
    s.table(
        paper,
        "one in signatures",
        ("Signed by", "{{ one.by }}"),
        ("When", "{{ one.at }}{% if one.authenticated %}; authenticated {{ one.authenticated }}{% endif %}"),
        ("Meaning", "{{ one.what }}: {{ one.meaning }}"),
        ("SHA-256 of what was signed", "{{ one.sha256 }}"),
    )


def _bytes(paper: Paper) -> bytes:
    made = io.BytesIO()
    paper.save(made)
    return made.getvalue()


DRAWN: Mapping[type[Kind], Callable[[], bytes]] = {Form: nonconformity, Minutes: minutes}

if __name__ == "__main__":
    for _kind, _drawn in DRAWN.items():
        ours(_kind, "docx").write_bytes(_drawn())
