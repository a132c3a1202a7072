"""What OpenAPI says of bodies and queries that the routes read themselves."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

REF = "#/components/schemas/{model}"
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable; for a refusal, the rule's name"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
ANSWER = {
    "type": "object",
    "required": ["seq", "status", "events", "head"],
    "properties": {
        "seq": {"type": "integer"},
        "status": {"type": "string"},
        "events": {"type": "array", "items": {"type": "object"}},
        "head": {"type": "string"},
    },
}
HEADERS = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "the command's id: a repeat is answered with what was recorded",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    {
        "name": "If-Match",
        "in": "header",
        "description": "the sequence number that you saw, in quotes",
        "schema": {"type": "string"},
    },
]
_MODEL = "x-model"
"""Where a route leaves the model of its body; replaced by a reference when the document is made."""

_bodies: dict[str, type[BaseModel]] = {}


def command_body(shape: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a command: its body, its headers, its answer."""
    told = body(shape)
    told["parameters"] = HEADERS
    told["responses"] = {"200": _json("Recorded.", {"$ref": REF.format(model="CommandAnswer")})}
    return told


def body(shape: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a request whose JSON body has this shape."""
    name = f"{shape.__module__}.{shape.__name__}"
    _bodies[name] = shape
    return {"requestBody": {"content": {"application/json": {"schema": {_MODEL: name}}}}}


def parameters(shape: type[BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a query of this shape."""
    described = shape.model_json_schema()
    return {
        "parameters": [
            {"name": name, "in": "query", "schema": schema, "required": False}
            for name, schema in described["properties"].items()
        ]
    }


def install(app: FastAPI) -> None:
    """Has the app describe itself, once."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    shapes = list(_bodies.values())
    references, definitions = models_json_schema([(shape, "validation") for shape in shapes], ref_template=REF)
    parts = document.setdefault("components", {})
    parts["schemas"] = {
        **parts.get("schemas", {}),
        **definitions.get("$defs", {}),
        "Problem": PROBLEM,
        "CommandAnswer": ANSWER,
    }
    parts["schemas"].pop("HTTPValidationError", None)
    parts["schemas"].pop("ValidationError", None)
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"bearer": []}]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation, path, {name: references[shape, "validation"] for name, shape in _bodies.items()})
    return document


def _complete(operation: dict[str, Any], path: str, references: dict[str, Any]) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        model = content["schema"].pop(_MODEL, None)
        if model is not None:
            content["schema"] = references[model]
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _json(
        "Refused or failed.", {"$ref": REF.format(model="Problem")}, "application/problem+json"
    )
    if not path.startswith("/v1/"):
        operation["security"] = []


def _json(description: str, schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}
