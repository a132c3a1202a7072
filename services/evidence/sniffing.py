"""What a file is by its bytes, against what its sender says that it is; and as what it may be served."""

import re

import filetype  # type: ignore[import-untyped]

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
"""A type and a subtype by RFC 6838, 4.2."""

HEAD = 8192
"""Bytes from the beginning that are looked at."""

UNKNOWN = "application/octet-stream"
HTML, SVG, XML, PLAIN = "text/html", "image/svg+xml", "application/xml", "text/plain"
SCRIPT = "application/x-sh"
ZIP = "application/zip"

_PROGRAMS = {
    b"\x7fELF": "application/x-executable",
    b"\xfe\xed\xfa\xce": "application/x-mach-binary",
    b"\xfe\xed\xfa\xcf": "application/x-mach-binary",
    b"\xcf\xfa\xed\xfe": "application/x-mach-binary",
    b"#!": SCRIPT,
}
_HTML = (
    b"<!doctype html", b"<html", b"<head", b"<script", b"<iframe", b"<body", b"<title", b"<style", b"<table", b"<div",
    b"<meta", b"<link", b"<img", b"<a ", b"<p>", b"<h1", b"<br", b"<object", b"<embed", b"<form",
)  # fmt: skip
"""How HTML begins (WHATWG, MIME Sniffing, 7.1), and a few more tags that browsers take for it."""

_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "application/x-pdf": "application/pdf",
    "application/x-zip-compressed": ZIP,
    "text/xml": XML,
    "audio/x-wav": "audio/wav",
    "application/x-gzip": "application/gzip",
}
_ZIPPED = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
_ZIPPED_TOO = frozenset({"application/epub+zip", "application/vnd.ms-excel.sheet.macroenabled.12"})
_OFFICE = frozenset(
    {
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-outlook",
        "application/vnd.ms-powerpoint",
        "application/x-ole-storage",
    }
)
"""One container has them all: the first bytes tell no difference."""

_WRITTEN = frozenset(
    {
        "application/ecmascript", "application/javascript", "application/json", "application/sql",
        "application/x-javascript", "application/x-ndjson", "application/x-sh", "application/x-yaml",
        "application/xml", "application/yaml", "message/rfc822",
    }
)  # fmt: skip
"""Text by other names than `text/...`."""

_SERVED = frozenset(
    {
        "application/pdf", "application/zip", "application/gzip", "application/json", "application/rtf",
        "audio/mpeg", "audio/wav", "audio/ogg", "image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff",
        "image/bmp", "image/heic", "image/avif", "text/csv", "text/markdown", PLAIN, "video/mp4",
        "video/webm", "video/quicktime", *_OFFICE,
    }
)  # fmt: skip


def essence(media_type: str | None) -> str | None:
    """A media type without its parameters, in lower case; None for none, and for what is no media type."""
    bare = (media_type or "").partition(";")[0].strip().casefold()
    return bare if _TYPE.fullmatch(bare) and len(bare) <= 200 else None


def sniffed(head: bytes) -> str | None:
    """The media type that the first bytes of a file show; None where they show none."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for magic, kind in _PROGRAMS.items():
        if head.startswith(magic):
            return kind
    # Before what filetype finds: a file may be two things, and the browser takes the dangerous one.
    if text.startswith(_HTML):
        return HTML
    if text.startswith((b"<?xml", b"<!--", b"<!doctype", b"<svg")):
        return SVG if b"<svg" in text else HTML if b"<html" in text or b"<script" in text else XML
    guessed: str | None = filetype.guess_mime(head)
    if guessed is not None:
        return guessed
    return PLAIN if _is_text(head) else None


def taken_for(declared: str | None, shown: str | None) -> str:
    """What a file is taken for: what it is declared to be where its bytes do not say otherwise, else what they show."""
    if declared in (None, UNKNOWN):
        return shown or UNKNOWN
    return declared if agrees(declared, shown) else shown or UNKNOWN


def agrees(declared: str | None, shown: str | None) -> bool:
    """Whether what the bytes of a file show may be what it is declared to be."""
    if declared in (None, UNKNOWN) or shown is None:
        return True
    one, other = _ALIASES.get(declared, declared), _ALIASES.get(shown, shown)
    if one == other or {one, other} <= _OFFICE:
        return True
    if other == PLAIN:
        return one not in (HTML, SVG) and (one.startswith("text/") or one in _WRITTEN or one.endswith("+json"))
    if other == XML:
        return one.endswith("+xml") and one != SVG
    return ZIP in (one, other) and any(kind.startswith(_ZIPPED) or kind in _ZIPPED_TOO for kind in (one, other))


def served_as(media_type: str) -> str:
    """The media type by which a file goes out: its own where no program reads it as something to run."""
    return media_type if media_type in _SERVED or media_type.startswith(_ZIPPED) else UNKNOWN


def _is_text(head: bytes) -> bool:
    """Whether this is UTF-8 without control characters but those of lines; the last character may be cut."""
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < HEAD:
            return False
        text = head[: error.start].decode()
    return bool(text) and all(character >= " " or character in "\t\r\n\f" for character in text)
