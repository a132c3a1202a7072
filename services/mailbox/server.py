"""What the mail server says to those who send."""

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.mail.addresses import is_address
from services.mailbox.box import Box

LARGEST = 1_000_000
"""Bytes of a mail."""

RECIPIENTS = 100
"""Of one mail (RFC 5321, 4.5.3.1.8)."""


class Taking:
    """Takes whatever is a mail, for anybody."""

    def __init__(self, box: Box) -> None:
        self._box = box

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Whether it goes to somebody."""
        if not is_address(address):
            return "553 5.1.3 That is no mail address"
        if len(envelope.rcpt_tos) == RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keeps it, once for each to whom it goes."""
        content = envelope.original_content or b""
        sender = envelope.mail_from or ""
        for to in envelope.rcpt_tos:
            self._box.put(sender if is_address(sender) else "", to, content)
        return "250 2.0.0 Kept here, and delivered to nobody"


def server(box: Box) -> SMTP:
    """What serves one connection."""
    return SMTP(Taking(box), hostname="localhost", ident="Closeout mailbox", data_size_limit=LARGEST)
