"""The page /docs: every route with its fields as plain HTML, made from the OpenAPI description; it loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

Schema = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem }
code { font-family: ui-monospace, monospace; font-size: .92em }
details { border: 1px solid #8884; border-radius: 6px; margin: .4rem 0; padding: .4rem .8rem }
summary { cursor: pointer; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 4.5rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
td, th { border-top: 1px solid #8884; padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
"""
INTRODUCTION = (
    '<p>Machine-readable: <a href="openapi.json">openapi.json</a>. Bodies and answers are JSON. Where a password is set'
    " (<code>--api-auth</code>), send it as HTTP Basic.</p>"
)


def add_docs_page(app: FastAPI) -> None:
    """Serve the page at /docs, and at /redoc where A1111's users may look for it."""

    @app.get("/docs", include_in_schema=False, response_class=HTMLResponse)
    @app.get("/redoc", include_in_schema=False, response_class=HTMLResponse)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_html(app.openapi()))


def docs_html(description: Schema) -> str:
    """The page for an OpenAPI description."""
    title = escape(f"{description['info']['title']} {description['info']['version']}: API")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{INTRODUCTION}{''.join(_groups(description))}</html>"
    )


def _groups(description: Schema) -> Iterator[str]:
    """One heading per tag, in the order in which the routes come."""
    groups: dict[str, list[str]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            tag = next(iter(operation.get("tags", ())), "other")
            groups.setdefault(tag, []).append(_operation(method, path, operation, description))
    for tag, operations in groups.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(operations)}"


def _operation(method: str, path: str, operation: Schema, description: Schema) -> str:
    rows = [
        _row(item["name"], item["schema"], description, required=item.get("required", False), place=item["in"])
        for item in operation.get("parameters", ())
    ]
    rows.extend(_body_rows(operation, description))
    table = f"<table><tr><th>Field<th>Type<th>Default<th>Meaning</tr>{''.join(rows)}</table>" if rows else "<p>No fields.</p>"
    text = escape(operation.get("description", ""))
    summary = escape(operation.get("summary", ""))
    return f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> {summary}</summary><p>{text}</p>{table}</details>"


def _body_rows(operation: Schema, description: Schema) -> Iterator[str]:
    contents = list(operation.get("requestBody", {}).get("content", {}).values())
    schema = _resolved(contents[0].get("schema", {}) if contents else {}, description)
    if schema and "properties" not in schema:
        yield _row("(body)", schema, description, required=True)
    for name, field in schema.get("properties", {}).items():
        yield _row(name, field, description, required=name in schema.get("required", ()))


def _row(name: str, schema: Schema, description: Schema, *, required: bool, place: str = "") -> str:
    default = "required" if required else repr(schema["default"]) if "default" in schema else ""
    meaning = " ".join(part for part in (schema.get("description", ""), f"({place})" if place else "", _limits(schema)) if part)
    cells = (f"<code>{escape(name)}</code>", escape(_type_of(schema, description)), f"<code>{escape(default)}</code>", escape(meaning))
    return f"<tr>{''.join(f'<td>{cell}' for cell in cells)}</tr>"


def _limits(schema: Schema) -> str:
    for option in (schema, *schema.get("anyOf", ())):
        low, high = option.get("minimum"), option.get("maximum")
        if low is not None and high is not None:
            return f"{low:g} to {high:g}"
        if low is not None or high is not None:
            return f"at least {low:g}" if high is None else f"at most {high:g}"
    return ""


def _type_of(schema: Schema, description: Schema) -> str:
    """The type in words; names of records are followed one step."""
    schema = _resolved(schema, description)
    if "anyOf" in schema:
        return " or ".join(_type_of(option, description) for option in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type_of(schema.get('items', {}), description)}"
    return str(schema.get("type") or schema.get("const") or "any")


def _resolved(schema: Schema, description: Schema) -> Schema:
    """The schema that a reference names."""
    name = str(schema.get("$ref", "")).removeprefix("#/components/schemas/")
    resolved: Schema = description["components"]["schemas"][name] if name else schema
    return resolved
