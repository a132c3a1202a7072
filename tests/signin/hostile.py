"""An issuer on 127.0.0.1 that keeps to the protocol, and signs whatever a test has it sign."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.signin.serving import serving

Claims = dict[str, Any]
CLIENT, SECRET = "closeout-console", "s3cret/with:signs"


@cache
def key(name: str) -> RSAPrivateKey:
    """A key by a name, the same one in every test: to make one is slow."""
    return generate_private_key(65537, 2048)


def part(value: bytes | Mapping[str, Any]) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(claims: Claims, **header: Any) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT', **header})}.{part(claims)}."


@dataclass
class Hostile:
    """`said` is what it says of the person beside the protocol's own claims, `sign` makes the token of all of it."""

    url: str = ""
    said: Claims = field(default_factory=dict)
    told: Claims | None = None
    sign: Callable[[Claims], str] | None = None
    more: dict[str, Any] = field(default_factory=dict)
    """What its metadata say differently."""

    keys: dict[str, RSAPrivateKey] = field(default_factory=lambda: {"k1": key("k1")})
    kid: str = "k1"
    is_away: bool = False
    asked_for_keys: int = 0
    asked: list[Mapping[str, str]] = field(default_factory=list)
    """The requests for authorization."""

    waiting: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def claims(self, **changes: Any) -> Claims:
        """An ID token's, or an access token's, with changes; None leaves one out."""
        now = int(time.time())
        whole = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now, "amr": ["pwd", "otp"]}
        whole |= {"sub": "u-1", "name": "Ada Auditor", "roles": ["auditor"]} | self.said | changes
        return {name: value for name, value in whole.items() if value is not None}

    def signed(self, claims: Claims, algorithm: str = "RS256", **header: Any) -> str:
        return jwt.encode(claims, self.keys[self.kid], algorithm, headers={"kid": self.kid, **header})

    def with_hmac(self, claims: Claims, secret: bytes) -> str:
        """Signed with a secret that everybody knows: what tricks a reader that lets the token choose."""
        text = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': self.kid})}.{part(claims)}"
        return f"{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    def pem(self) -> bytes:
        return self.keys[self.kid].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def rotate(self, kid: str) -> None:
        """Another key, in place of the one that it had."""
        self.keys = {kid: key(kid)}
        self.kid = kid

    async def discovery(self, _: Request) -> Response:
        if self.is_away:
            return Response(status_code=502)
        addresses = {f"{name}_endpoint": f"{self.url}/{name}" for name in ("authorization", "token", "end_session")}
        if self.told is not None:
            addresses["userinfo_endpoint"] = f"{self.url}/userinfo"
        return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/jwks", **addresses, **self.more})

    async def jwks(self, _: Request) -> Response:
        self.asked_for_keys += 1
        public = [
            {**RSAAlgorithm.to_jwk(one.public_key(), as_dict=True), "kid": kid, "use": "sig"}
            for kid, one in self.keys.items()
        ]
        return JSONResponse({"keys": [*public, {"kty": "oct", "kid": "shared", "k": part(b"shared secret of all")}]})

    async def authorization(self, request: Request) -> Response:
        """Signs everybody in at once."""
        asked = dict(request.query_params)
        self.asked.append(asked)
        code = hashlib.sha256(asked["state"].encode()).hexdigest()
        self.waiting[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 303)

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        given = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        name, _, secret = given.partition(":")
        if (unquote(name), unquote(secret)) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.waiting.pop(form["code"], None)
        proof = part(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = self.claims(nonce=asked["nonce"])
        token = self.sign(claims) if self.sign else self.signed(claims)
        return JSONResponse({"token_type": "Bearer", "access_token": "opaque", "id_token": token})

    async def userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer opaque"
        return JSONResponse(self.told)


@asynccontextmanager
async def hostile() -> AsyncIterator[Hostile]:
    issuer = Hostile()
    routes = [Route(f"/{name}", getattr(issuer, name)) for name in ("jwks", "authorization", "userinfo")]
    routes += [Route("/token", issuer.token, methods=["POST"])]
    routes += [Route("/.well-known/openid-configuration", issuer.discovery)]
    async with serving(Starlette(routes=routes)) as issuer.url:
        yield issuer
