"""What files are called: read from Content-Disposition (RFC 6266), and written there."""

import unicodedata
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any
from urllib.parse import quote

LONGEST = 200
NAMELESS = "evidence"


def stated(disposition: str | None) -> str | None:
    """The file name in a Content-Disposition, `filename*` before `filename` (RFC 6266, 4.3); None where it has none."""
    message = Message()
    message["Content-Disposition"] = (disposition or "").replace("\r", " ").replace("\n", " ")
    # What `filename*` says comes as a tuple, which the types of the library do not tell.
    parameters: list[tuple[str, Any]] = message.get_params([], "content-disposition")
    given = [value for name, value in parameters if name.casefold() == "filename"]
    written = [value for value in given if isinstance(value, tuple)] or given
    return collapse_rfc2231_value(written[0]) if written else None


def fit(name: str | None) -> str:
    """A name as it is kept: the last part of a path, without control characters and overrides of direction."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    plain = "".join(one for one in unicodedata.normalize("NFC", last) if unicodedata.category(one) not in _UNSEEN)
    bare = " ".join(plain.split()).strip(". ")
    return _shortened(bare) or NAMELESS


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _shortened(name: str) -> str:
    """A name of at most LONGEST characters, with its extension."""
    if len(name) <= LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 20:
        return name[:LONGEST]
    return f"{stem[: LONGEST - len(extension) - 1]}.{extension}"


def attachment(name: str) -> str:
    """A Content-Disposition by which a browser saves a file under a name, whatever its characters (RFC 6266, 4.3)."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\%;' else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
