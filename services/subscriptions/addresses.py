"""Which addresses may be connected to: a receiver's URL must not reach into the networks that this service stands in.

Sources: the IANA special-purpose address registries (RFC 6890); at 168.63.129.16 machines on Azure ask their host.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

NOT_PUBLIC = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
"""Exceptions from PUBLIC_6: what carries other addresses inside (Teredo, 6to4) among them."""

NAT64 = IPv6Network("64:ff9b::/96")
"""An IPv4 address stands in the last 32 bits (RFC 6052): so an IPv6-only network reaches IPv4."""


def networks(text: str) -> tuple[Network, ...]:
    """Networks in CIDR notation, separated by commas. Raises ValueError that names the one that is none."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet at large, and not of a network that somebody keeps to themselves."""
    bare = embedded(address)
    if isinstance(bare, IPv4Address):
        return not any(bare in network for network in NOT_PUBLIC)
    return bare in PUBLIC_6 and not any(bare in network for network in NOT_PUBLIC_6)


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does; else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


@dataclass(frozen=True, slots=True)
class Guard:
    """Public addresses, and those that the installation allows besides; these may also be reached without TLS."""

    allowed: Sequence[Network] = ()

    def refusal(self, host: str, addresses: Sequence[str], *, is_plain: bool = False) -> str | None:
        """Why a host of these addresses is not connected to, None where it may be; one bad address is enough.

        `is_plain` is http, which is for allowed addresses alone.
        """
        if not addresses:
            return f"{host} has no address."
        # A scope (fe80::1%eth0) belongs to the machine, not to the address.
        for address in (ip_address(one.partition("%")[0]) for one in addresses):
            if any(embedded(address) in network for network in self.allowed):
                continue
            if not is_public(address):
                return f"{host} is {address}, which is no public address."
            if is_plain:
                return "An address outside is reached by https alone."
        return None
