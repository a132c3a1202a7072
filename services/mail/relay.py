"""The mail server that takes our mail: by TLS from the start or by STARTTLS, with a password where one is given."""

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP

from services.mail.addresses import SCHEMES, Security
from services.settings import Settings

PATIENCE = 30.0
"""Seconds that one answer of the server may take."""

GOES = 421
"""The server is about to close the connection, to whatever it is said (RFC 5321, 3.8)."""

TOO_LARGE = 552


_MAILBOX = re.compile(r"4\d\d 4\.[12]\.|450 (?!4\.)")


class Away(Exception):
    """The server takes no mail now: it cannot be reached, not trusted, does not know us, or says that it goes (421)."""


class Lost(Exception):
    """The connection was lost over this mail."""


class Later(Exception):
    """The server did not take this mail now."""


class Refused(Exception):
    """The server will not take this mail."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server. `context` is whom TLS trusts; None for the system's own list."""

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = ""
    context: ssl.SSLContext | None = None
    patience: float = PATIENCE

    @classmethod
    def of(cls, settings: Settings) -> "Relay | None":
        """The server that the settings name; None where mail is switched off."""
        if not settings.smtp_url:
            return None
        parts = urlsplit(settings.smtp_url)
        security, port = SCHEMES[parts.scheme]
        return cls(
            host=parts.hostname or "",
            port=parts.port or port,
            security=security,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            sender=settings.mail_from,
        )

    @property
    def name(self) -> str:
        """The server in words, without its password."""
        how = {"tls": "TLS", "starttls": "STARTTLS", "none": "no TLS"}[self.security]
        return f"{self.host}:{self.port} ({how}{', as ' + self.user if self.user else ''})"

    @asynccontextmanager
    async def session(self) -> AsyncIterator["Session"]:
        """A connection that is greeted, secured and authenticated. Raises Away."""
        smtp = SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            tls_context=self.context if self.security != "none" else None,
            local_hostname=self.sender.rpartition("@")[2] or "localhost",
            timeout=self.patience,
        )
        try:
            await smtp.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise Away(_said(error)) from error
        try:
            yield Session(smtp, self.sender)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit()
            smtp.close()


@dataclass(frozen=True, slots=True)
class Session:
    """A connection over which mails are sent one after the other."""

    smtp: SMTP
    sender: str

    async def send(self, message: EmailMessage, to: str) -> None:
        """Hands over one mail. Raises Refused, Later, Lost and Away.

        Lost after the text was sent, the server may have taken it: it comes again under the same Message-ID.
        """
        try:
            await self.smtp.sendmail(self.sender, [to], message.as_bytes())
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _answered(error.recipients[0]) from error
        except aiosmtplib.SMTPSenderRefused as error:
            # All mail is from one sender; that this one is too large is said here too (RFC 1870, 6.1).
            raise (_answered(error) if error.code == TOO_LARGE else Away(_said(error))) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _answered(error) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Lost(_said(error)) from error

    async def ask(self) -> None:
        """Has the server say that it takes mail from us; none is sent. Raises Away."""
        try:
            await self.smtp.mail(self.sender)
            await self.smtp.rset()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Away(_said(error)) from error


def is_of_mailbox(said: str) -> bool:
    """Whether a mail was put off because of its reader's mailbox, and not of the server (RFC 5321, 4.2.3; RFC 3463, 3).

    `said` is what Later says: a code, which 450 is of mailboxes, and where it has any, the enhanced code that decides.
    """
    return _MAILBOX.match(said) is not None


def _answered(error: aiosmtplib.SMTPResponseException) -> Exception:
    """What an answer to a mail means."""
    if error.code == GOES:
        return Away(_said(error))
    return (Refused if error.code >= 500 else Later)(_said(error))


def _said(error: Exception) -> str:
    """What a server or the system said, on one line; never what we sent."""
    code = getattr(error, "code", None)
    text = " ".join(str(getattr(error, "message", "") or error).split())[:300]
    return f"{code} {text}" if isinstance(code, int) and code > 0 else text or type(error).__name__
