"""What values of the record are called in the console; one without a word here is written as it is, blanks for _."""

import re
from collections.abc import Mapping
from datetime import date

from services.console.frame.catalogue import gettext, mark, ngettext
from services.console.frame.reader import day
from workflows.durations import Duration

STATUS: Mapping[str, str] = {
    "reported": mark("In triage"),
    "open": mark("Open"),
    "plan_submitted": mark("Plan submitted"),
    "evidence_submitted": mark("Evidence submitted"),
    "verified": mark("Verified"),
    "closed": mark("Closed"),
    "dismissed": mark("Dismissed"),
    "withdrawn": mark("Withdrawn"),
    "superseded": mark("Superseded"),
    "planned": mark("Planned"),
    "under_way": mark("Under way"),
    "ended": mark("Ended"),
    "concluded": mark("Concluded"),
    "lapsed": mark("Lapsed"),
    "cancelled": mark("Cancelled"),
    "applied": mark("Applied for"),
    "active": mark("In force"),
    "suspended": mark("Suspended"),
    "expired": mark("Expired"),
    "refused": mark("Refused"),
    "registered": mark("Registered"),
    "merged": mark("Merged"),
    "convened": mark("Convened"),
    "decided": mark("Decided"),
    "discontinued": mark("Discontinued"),
}
GRADE: Mapping[str, str] = {"major": mark("Major"), "minor": mark("Minor"), "ofi": mark("Opportunity")}
SIDE: Mapping[str, str] = {
    "client": mark("the client"),
    "certification_body": mark("the certification body"),
    "committee": mark("the committee"),
}
DEADLINE: Mapping[str, str] = {
    "correction": mark("Correction"),
    "plan": mark("Plan"),
    "evidence": mark("Evidence"),
    "closure": mark("Close-out"),
    "review": mark("Review"),
    "repair": mark("Repair of concerns"),
    "conclude": mark("Recommendation"),
    "follow_up": mark("Follow-up audit"),
    "dispute": mark("Dispute"),
    "appeal": mark("Appeal"),
}
STATE: Mapping[str, str] = {
    "running": mark("running"),
    "stopped": mark("stopped"),
    "met": mark("met"),
    "late": mark("met late"),
    "overdue": mark("overdue"),
    "missed": mark("missed"),
}
COMMAND: Mapping[str, str] = {
    "accept_plan": mark("Accept the plan"),
    "acknowledge": mark("Confirm the receipt"),
    "aggregate": mark("Aggregate minors to a major"),
    "answer": mark("Answer a question"),
    "answer_complaint": mark("Answer a complaint"),
    "appeal": mark("Appeal against the decision"),
    "apply": mark("Apply for certification"),
    "apply_decision": mark("Decision of the committee"),
    "apply_policy": mark("Move to another policy"),
    "ask": mark("Ask a question"),
    "attach_evidence": mark("Attach evidence"),
    "cancel": mark("Cancel the audit"),
    "clear_concern": mark("Clear an area of concern"),
    "change_settings": mark("Change what it decides for itself"),
    "close": mark("Close out"),
    "comment": mark("Write a remark"),
    "complain": mark("Complain"),
    "complete": mark("Complete the finding"),
    "complete_action": mark("Report an action as done"),
    "conclude": mark("Conclude with a recommendation"),
    "convene": mark("Convene members"),
    "decide": mark("Record the decision"),
    "recuse": mark("Recuse a member"),
    "vote": mark("Vote"),
    "confirm_effectiveness": mark("Confirm effectiveness"),
    "confirm_withdrawal": mark("Confirm the withdrawal"),
    "decide_appeal": mark("Decide the appeal"),
    "decide_dispute": mark("Decide the dispute"),
    "defer_verification": mark("Defer verification"),
    "deny_extension": mark("Deny more time"),
    "dismiss": mark("Dismiss"),
    "dispute": mark("Dispute it"),
    "drop_action": mark("Drop an action"),
    "end": mark("End the audit"),
    "escalate": mark("Call the committee"),
    "grant": mark("Grant certification"),
    "grant_extension": mark("Grant more time"),
    "issue": mark("Issue"),
    "merge": mark("Merge it into another client"),
    "note_positive": mark("Note a positive finding"),
    "plan": mark("Plan an audit"),
    "plan_action": mark("Plan an action"),
    "propose_plan": mark("Propose the plan"),
    "propose_withdrawal": mark("Propose withdrawal"),
    "raise_concern": mark("Raise an area of concern"),
    "record_cause": mark("Record the root cause"),
    "record_correction": mark("Record the correction"),
    "record_extent": mark("Record the extent at a site"),
    "record_follow_up": mark("Record the follow-up audit"),
    "reduce": mark("Reduce the certificate"),
    "register": mark("Register a client"),
    "renew": mark("Renew certification"),
    "repair_concern": mark("Say how a concern was repaired"),
    "report": mark("Report a finding"),
    "request_extension": mark("Ask for more time"),
    "require_follow_up": mark("Require a follow-up audit"),
    "restore": mark("Restore the certificate"),
    "return_concern": mark("Return a repair"),
    "return_evidence": mark("Return the evidence"),
    "return_plan": mark("Return the plan"),
    "revise": mark("Revise"),
    "revise_action": mark("Revise an action"),
    "start": mark("Start the audit"),
    "submit_evidence": mark("Submit the evidence"),
    "submit_plan": mark("Submit the plan"),
    "supersede": mark("Made part of a systemic major"),
    "suspend": mark("Suspend the certificate"),
    "transfer_in": mark("Take over a certificate"),
    "verify": mark("Verify effectiveness"),
    "withdraw": mark("Withdraw the certificate"),
}
METHOD: Mapping[str, str] = {
    "five_whys": mark("Five whys"),
    "ishikawa": mark("Ishikawa"),
    "fault_tree": mark("Fault tree"),
    "other": mark("Another method"),
}
STAGE: Mapping[str, str] = {
    "stage1": mark("Stage 1"),
    "stage2": mark("Stage 2"),
    "surveillance": mark("Surveillance"),
    "recertification": mark("Recertification"),
    "special": mark("Special audit"),
    "internal": mark("Internal audit"),
}
RECOMMENDATION: Mapping[str, str] = {
    "recommended": mark("Recommended"),
    "recommended_on_plan": mark("Recommended on acceptance of the plan"),
    "not_recommended": mark("Not recommended"),
}
WANTED: Mapping[str, str] = {"withdraw": mark("To be withdrawn"), "regrade": mark("To be regraded to minor")}
CHOICE: Mapping[str, str] = {
    "extend": mark("Extend"),
    "special_audit": mark("Special audit"),
    "suspend": mark("Suspend"),
    "reduce_scope": mark("Reduce the scope"),
    "withdraw_certificate": mark("Withdraw the certificate"),
    "refuse": mark("Refuse"),
    "regrade": mark("Regrade"),
    "dismiss": mark("Dismiss"),
}
MAJORITY: Mapping[str, str] = {
    "simple": mark("simple majority"),
    "two_thirds": mark("two thirds"),
    "unanimous": mark("unanimous"),
}
OUTCOME: Mapping[str, str] = {"upheld": mark("Upheld"), "rejected": mark("Rejected")}
CAUSE: Mapping[str, str] = {
    "closure_missed": mark("The close-out date was missed"),
    "round_limit": mark("Too many returns"),
    "second_extension": mark("More time is asked for than reviewers may grant"),
    "by_hand": mark("Called by hand"),
    "appeal": mark("An appeal was upheld"),
}
SECTION: Mapping[str, str] = {
    "correction": mark("Correction"),
    "cause": mark("Root cause"),
    "extent": mark("Extent"),
    "actions": mark("Actions"),
    "evidence": mark("Evidence"),
}
FORMAT: Mapping[str, str] = {
    "asff": mark("AWS Security Finding Format (ASFF)"),
    "cloudevents": mark("CloudEvents"),
    "csv": mark("Table of findings (CSV)"),
    "defectdojo": mark("DefectDojo Generic Findings Import"),
    "fac": mark("Federal Audit Clearinghouse"),
    "github": mark("GitHub alerts"),
    "jira": mark("Jira issues"),
    "json": mark("Closeout findings (JSON)"),
    "ndjson": mark("Closeout findings, one a line (NDJSON)"),
    "ocsf": mark("Open Cybersecurity Schema Framework (OCSF)"),
    "oscal": mark("Open Security Controls Assessment Language (OSCAL)"),
    "prowler": mark("Prowler (CSV)"),
    "sarif": mark("Static Analysis Results Interchange Format (SARIF)"),
    "servicenow": mark("ServiceNow records"),
    "xlsx": mark("Workbook of findings (XLSX)"),
}
CODE = re.compile(r"[a-z]+(_[a-z]+)+")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SPAN = re.compile(r"-?P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?")
"""What the record writes so."""

THING: Mapping[str, str] = {
    "nonconformity": mark("nonconformity"),
    "audit": mark("audit"),
    "certificate": mark("certificate"),
    "committee review": mark("committee review"),
    "client": mark("client"),
    "API key": mark("API key"),
    "calendar": mark("calendar"),
    "command": mark("command"),
    "delivery": mark("delivery"),
    "figure": mark("figure"),
    "file": mark("file"),
    "filter": mark("filter"),
    "form": mark("form"),
    "grant": mark("grant"),
    "hook": mark("hook"),
    "import": mark("import"),
    "person": mark("person"),
    "policy": mark("policy"),
    "profile": mark("profile"),
    "subscription": mark("subscription"),
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "status": STATUS,
    "grade": GRADE,
    "side": SIDE,
    "deadline": DEADLINE,
    "state": STATE,
    "command": COMMAND,
    "method": METHOD,
    "stage": STAGE,
    "recommendation": RECOMMENDATION,
    "wanted": WANTED,
    "effect": WANTED,
    "cause": CAUSE,
    "choice": CHOICE,
    "majority": MAJORITY,
    "outcome": OUTCOME,
    "section": SECTION,
    "format": FORMAT,
    "role": {},
    "thing": THING,
}


def word(table: str, value: str) -> str:
    """What a value is called; KeyError for a table that is none."""
    known = TABLES[table].get(value)
    return humanised(value) if known is None else gettext(known)


def explained(value: object, field: str, names: Mapping[str, str]) -> str:
    """What a value of the record's content means, to stand beside it: who it is, or what it is called here.

    Empty where it says so itself.
    """
    if not isinstance(value, str):
        return ""
    if value in names:
        return names[value]
    known = TABLES.get("deadline" if field == "kind" else field, {}).get(value)
    return "" if known is None else gettext(known)


WRITTEN = frozenset({"name", "reason", "statement", "steps", "text", "title"})
"""Fields that people write in."""


def valued(field: str, value: object) -> str:
    """A value of a field of the record, as text: what it is called, days and spans as they are told; each of a list."""
    match value:
        case str() if field in WRITTEN:
            return value
        case bool():
            return gettext("yes") if value else gettext("no")
        case list() | tuple():
            return "\n".join(valued(field, one) for one in value)
        case str() if value in TABLES.get("deadline" if field == "kind" else field, {}):
            return explained(value, field, {})
        case str() if field in TABLES or CODE.fullmatch(value):
            return humanised(value) if CODE.fullmatch(value) or field == "role" else value
        case str() if DAY.fullmatch(value):
            return day(date.fromisoformat(value))
        case str() if SPAN.fullmatch(value):
            return lasting(Duration.parse(value))
    return str(value)


def humanised(value: str) -> str:
    """A name of the record as a heading: what `named` finds in its models is in the catalogue."""
    return gettext(heading(value))


def heading(name: str) -> str:
    """The same in English."""
    plain = name.replace("_", " ").replace("-", " ").strip()
    return plain[:1].upper() + plain[1:]


def lasting(span: Duration) -> str:
    """How long a span is; one of no length is none."""
    hours, rest = divmod(round(span.exact.total_seconds()), 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [
        ngettext("%(num)s month", "%(num)s months", span.months) if span.months else "",
        ngettext("%(num)s day", "%(num)s days", span.days) if span.days else "",
        ngettext("%(num)s hour", "%(num)s hours", hours) if hours else "",
        ngettext("%(num)s minute", "%(num)s minutes", minutes) if minutes else "",
        ngettext("%(num)s second", "%(num)s seconds", seconds) if seconds else "",
    ]
    return ", ".join(part for part in parts if part) or gettext("no time")


def counted(many: int, most: int) -> str:
    """How many there are of what was counted up to `most`: there, that there are more."""
    return f"{most - 1}+" if many >= most else str(many)


def happened(type: str) -> str:
    """What an event's type says, without its kind: `Plan submitted`."""
    return humanised(type.partition(".")[2] or type)
