"""The rules of single settings, and what their texts say: each raises ValueError, and quotes no secret."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import ValidationInfo

from services.mail.addresses import checked, sent_from
from services.subscriptions import addresses

SIGNATURES = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signatures that only the holder of a private key can make (RFC 7518, 3.1; RFC 8037): never `none`, never HS*."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def networks(text: str) -> str:
    """Networks with commas between."""
    addresses.networks(text)
    return text


def issuer(url: str) -> str:
    """The address of an OpenID Connect issuer; none is empty."""
    parts = urlsplit(url)
    if url and (parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in LOOPBACK)):
        raise ValueError("an issuer is an https URL; http is for this machine alone")
    if parts.query or parts.fragment:
        raise ValueError("an issuer has neither query nor fragment")
    return url


def registered(client_id: str, info: ValidationInfo) -> str:
    """A name at the issuer, where one is given."""
    if info.data.get("oidc_issuer") and not client_id:
        raise ValueError("is needed with oidc_issuer: the name under which the issuer knows this installation")
    return client_id


def mail_server(url: str) -> str:
    """The address of a mail server; none is empty."""
    return checked(url, LOOPBACK)


def sender(address: str, info: ValidationInfo) -> str:
    """An address to send from, where there is a mail server."""
    return sent_from(address, info.data.get("smtp_url"))


def algorithms(names: str) -> str:
    """Signatures of `SIGNATURES`, with commas between."""
    if not names or (strange := sorted(set(names.split(",")) - SIGNATURES)):
        raise ValueError(f"{', '.join(strange) if names else 'nothing'} is none of {', '.join(sorted(SIGNATURES))}")
    return names


def called(text: str) -> str:
    """Names of certification bodies."""
    names(text)
    return text


def names(text: str) -> Mapping[str, str]:
    """What certification bodies are called, by tenant, from `tenant = name` with semicolons or lines between."""
    found: dict[str, str] = {}
    for one in filter(None, (part.strip() for part in text.replace("\n", ";").split(";"))):
        tenant, _, name = (part.strip() for part in one.partition("="))
        if not (tenant and name):
            raise ValueError("each name is of the form: tenant = name")
        found[tenant] = name
    return found


def alone(sample: bool, info: ValidationInfo) -> bool:
    """What is for sample people is there where nobody else can sign in."""
    if sample and info.data.get("oidc_issuer"):
        raise ValueError("is for sample people, who are never there beside oidc_issuer: leave out one of them")
    return sample
