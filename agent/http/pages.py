"""Pages: the reference of the API, made from what it says of itself; no script, nothing fetched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def show_docs(request: Request) -> Response:
    """The reference: each route with its parameters, and how to call it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    described = request.app.openapi()
    environment = Environment(
        loader=PackageLoader("agent.http"), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("docs.html").render(
        title=described["info"]["title"],
        version=described["info"]["version"],
        about=described["info"]["description"],
        routes=routes_of(described, f"http://{request.headers['host']}"),
    )
    return Response(page, media_type="text/html; charset=utf-8")


def routes_of(described: Mapping[str, Any], base: str) -> list[dict[str, Any]]:
    """Return the routes of an OpenAPI document, each with an example of `curl`. Pure."""
    found = []
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            body = _body(described, route)
            parameters = [
                {
                    "name": each["name"], "in": each["in"], "required": each.get("required", False),
                    "default": each.get("schema", {}).get("default"),
                }
                for each in route.get("parameters", [])
            ]  # fmt: skip
            found.append({
                "method": method.upper(), "path": path, "tag": route["tags"][0],
                "about": route.get("description", ""), "parameters": parameters,
                "curl": _curl(method, base + path, parameters, body),
            })  # fmt: skip
    return found


def _curl(method: str, url: str, parameters: list[dict[str, Any]], body: Any) -> str:
    query = "&".join(
        f"{each['name']}=..." for each in parameters if each["in"] == "query" and each["required"]
    )
    where = f"'{url}{'?' + query if query else ''}'"
    if body is None:
        return f"curl {where}" if method == "get" else _posted(where, "{}")
    return _posted(where, json.dumps(body))


def _posted(where: str, body: str) -> str:
    return f"curl -X POST -H 'Content-Type: application/json' -d '{body}' {where}"


def _body(described: Mapping[str, Any], route: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return an example of what a route takes."""
    content = route.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    name = content["schema"]["$ref"].rpartition("/")[2]
    schema = described["components"]["schemas"][name]
    kinds = {"string": "...", "integer": 1, "boolean": False, "array": ["..."], "object": {}}
    example = {}
    for field in schema.get("required", list(schema["properties"])[:1]):
        said = schema["properties"][field]
        options = [said, *said.get("anyOf", [])]
        kind = next((each["type"] for each in options if "type" in each), "string")
        example[field] = next(
            (each["enum"][0] for each in options if "enum" in each), kinds.get(kind, "...")
        )
    return example
