"""Style sheets and scripts, under names that carry the digest of what they hold: kept for a year, never stale."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.ready import CONSOLE

FOLDER = Path(__file__).parents[1] / "static"
MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"

router = APIRouter(prefix=f"{CONSOLE}/static", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served: the name that carries its digest, its bytes, and these compressed."""

    name: str
    media_type: str
    plain: bytes
    packed: bytes


def _asset(known_as: str, *files: Path) -> Asset:
    plain = b"\n".join(file.read_bytes() for file in files)
    stem, _, rest = known_as.partition(".")
    name = f"{stem}.{hashlib.sha256(plain).hexdigest()[:12]}.{rest}"
    return Asset(name, MEDIA_TYPES[files[0].suffix], plain, gzip.compress(plain, 9, mtime=0))


ASSETS: Mapping[str, Asset] = {
    **{file.name: _asset(file.name, file) for file in sorted(FOLDER.iterdir()) if file.suffix in MEDIA_TYPES},
    # In one file: htmx looks at a page as soon as it runs, and would not see what an extension that comes later knows.
    "htmx.js": _asset("htmx.js", FOLDER / "htmx.min.js", FOLDER / "hx-sse.min.js"),
}
_SERVED: Mapping[str, Asset] = {asset.name: asset for asset in ASSETS.values()}


def address(file: str) -> str:
    """The path under which a file of ours is served; KeyError for none of ours."""
    return f"{router.prefix}/{ASSETS[file].name}"


@router.get("/{name}")
async def static(name: str, request: Request) -> Response:
    """A file by the name that carries its digest. Raises HTTPException (404)."""
    asset = _SERVED.get(name)
    if asset is None:
        raise HTTPException(404, "There is no such file")
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.plain, media_type=asset.media_type, headers=headers)
