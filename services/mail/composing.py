"""From notices to a mail: subject, text and HTML, threaded by case. No text of a person becomes a header or markup."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from babel.support import NullTranslations
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.console.frame.catalogue import catalogue, mark
from services.console.frame.navigation import MAIL
from services.mail.headers import POLICY, mailbox
from services.mail.notices import Notice
from services.mail.words import line, moment, paragraph
from workflows.people import Person

BRAND = "Closeout"

FOOT = mark("Closeout wrote this to %(name)s. Nobody reads what is answered to it.")

BODY = mark("the certification body")
"""Whoever acted of it, to a client's people: as on the pages."""

KINDS: Mapping[str, str] = {
    "nonconformity": mark("Nonconformity"),
    "committee_review": mark("Committee review of"),
    "certificate": mark("Certificate"),
}

DUE: Mapping[str, str] = {
    "correction": mark("Correction due"),
    "plan": mark("Plan due"),
    "evidence": mark("Evidence due"),
    "closure": mark("To be closed by"),
    "review": mark("Decision due"),
    "follow_up": mark("Follow-up audit due"),
    "dispute": mark("Dispute to be decided by"),
    "appeal": mark("Appeal to be decided by"),
    "suspension": mark("Suspended until at most"),
    "expiry": mark("Expires"),
}

NAMED = 3
"""So many of the things that several events are about does a subject name."""

_TEMPLATES = Environment(
    loader=PackageLoader("services.mail"),
    autoescape=select_autoescape(("html",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to one person at once: one notice, or several, told together; `name` is that of just these."""

    name: str
    notices: Sequence[Notice]


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes letters that come from `sender`, with links to the console under `url`, in the language of `words`."""

    sender: str
    url: str
    words: NullTranslations = field(default_factory=catalogue)

    @property
    def domain(self) -> str:
        """In which the ids of mails are unique."""
        return self.sender.rpartition("@")[2]

    def compose(self, tenant: str, letter: Letter, to: Person, now: datetime) -> EmailMessage:
        """The mail. Its id is that of letter and person, the same each time it is composed."""
        notices, subject = letter.notices, self._subject(letter.notices)
        values = {
            "_": self._told,
            "language": self._language,
            "notices": [self._values(one) for one in notices],
            "subject": subject,
            "foot": self._told(FOOT) % {"name": line(to.name, 80)},
            "wishes": self.url + MAIL,
        }
        message = EmailMessage(policy=POLICY)
        message["Subject"] = subject
        message["From"] = mailbox(BRAND, self.sender)
        message["To"] = mailbox(line(to.name, 80), to.email or "")
        message["Date"] = now
        message["Message-ID"] = self._id("event", letter.name, _short(tenant, to.id))
        threads = {one.thread for one in notices}
        if len(threads) == 1:
            root = self._id("thread", *threads, _short(tenant))
            message["In-Reply-To"] = root
            message["References"] = root
        message["List-Id"] = f"{BRAND} <{tenant}.closeout.{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(_TEMPLATES.get_template("mail.txt").render(values).strip() + "\n", cte="quoted-printable")
        html = _TEMPLATES.get_template("mail.html").render(values)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        return message

    def _id(self, *words: str) -> str:
        return f"<{'.'.join(words)}@{self.domain}>"

    @property
    def _language(self) -> str:
        return self.words.info().get("language") or "en"

    def _told(self, text: str) -> str:
        told: str = self.words.gettext(text)
        return told

    def _values(self, one: Notice) -> dict[str, Any]:
        dates = []
        if one.due_at is not None:
            label = self._told(DUE.get(one.due or "", mark("Due")))
            dates.append((label, moment(one.due_at, one.zone, self._language)))
        if one.safe_at is not None and one.due_at is not None and one.safe_at < one.due_at:
            dates.append((self._told(mark("Safe until")), moment(one.safe_at, one.zone, self._language)))
        return {
            "head": self._head(one),
            "said": self._told(one.said),
            "kind": self._told(KINDS[one.type.partition(".")[0]]),
            "number": line(one.number or "", 80),
            "title": line(one.title, 500),
            "client": line(one.client, 200),
            "actor": self._told(BODY) if one.by_body else line(one.actor, 80),
            "todo": one.todo and self._told(one.todo),
            "dates": dates,
            "why": [paragraph(text)[:5000] for text in one.why],
            "link": self.url + one.path,
        }

    def _subject(self, notices: Sequence[Notice]) -> str:
        if len(notices) == 1:
            return self._head(notices[0])
        urgent = sum(one.todo is not None for one in notices)
        text = mark("%(events)s events, %(urgent)s to act on") if urgent else mark("%(events)s events")
        told = self._told(text) % {"events": len(notices), "urgent": urgent}
        things = list(dict.fromkeys(line(one.number or one.title or one.client, 60) for one in notices))
        named = [one for one in things if one][:NAMED]
        more = len(things) - len(named)
        rest = [self._told(mark("%(more)s more")) % {"more": more}] if more and named else []
        return f"{told}: {', '.join(named + rest)}" if named else told

    def _head(self, one: Notice) -> str:
        """What happened to what, on one line."""
        number = f"[{line(one.number, 80)}] " if one.number else ""
        return f"{number}{self._told(one.said)}{': ' + line(one.title, 120) if one.title else ''}"


def _short(*words: str) -> str:
    return hashlib.sha256("\x00".join(words).encode()).hexdigest()[:16]
