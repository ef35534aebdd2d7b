"""Reads what classes, aliases and functions promise out of their source, for the pages of docs/: fields with types, methods, words."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

KEPT_DECORATORS = ("property", "classmethod", "staticmethod", "dataclass")
HIDDEN_FIELDS = ("model_config",)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Described:
    """A class, an alias or a function: its docstring, and its source without bodies and without what is private."""

    name: str
    module: str
    text: str
    stub: str

    @property
    def named(self) -> frozenset[str]:
        """All words of the stub that could be names of other values."""
        code = re.sub(r'"""(?s:.*?)"""', "", self.stub)
        return frozenset(re.findall(r"\b[A-Z]\w+", code))


def describe(name: str, module: str) -> Described | None:
    """What ``module``, or the one it has the name from, says of it; None for what is not of the program."""
    body = ast.parse(inspect.getsource(import_module(module))).body
    for place, node in enumerate(body):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return Described(name, module, ast.get_docstring(node) or "", "\n".join(_class_lines(node)))
        if isinstance(node, Function) and node.name == name:
            return Described(name, module, ast.get_docstring(node) or "", _signature(node))
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
            return Described(name, module, _string_at(body, place + 1), ast.unparse(node))
    source = _imported_from(body, name)
    return describe(name, source) if source.split(".")[0] in ("app", "extensions") else None


def _imported_from(body: list[ast.stmt], name: str) -> str:
    """The module that ``name`` is imported from, also for type checkers alone."""
    for node in body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            return node.module or ""
        if isinstance(node, ast.If) and (found := _imported_from(node.body, name)):
            return found
    return ""


def _class_lines(node: ast.ClassDef) -> Iterator[str]:
    yield from (f"@{ast.unparse(each)}" for each in node.decorator_list)
    heads = [ast.unparse(each) for each in (*node.bases, *node.keywords)]
    yield f"class {node.name}({', '.join(heads)}):" if heads else f"class {node.name}:"
    fields = [*_fields(node), *_set_at_birth(node)]
    methods = [line for each in node.body if isinstance(each, Function) and not each.name.startswith("_") for line in _method(each)]
    yield from fields
    yield from methods[0 if fields else 1 :]
    if not fields and not methods:
        yield "    ..."


def _fields(node: ast.ClassDef) -> Iterator[str]:
    for place, each in enumerate(node.body):
        target = each.target if isinstance(each, ast.AnnAssign) else each.targets[0] if isinstance(each, ast.Assign) else None
        if isinstance(target, ast.Name) and not target.id.startswith("_") and target.id not in HIDDEN_FIELDS:
            yield f"    {ast.unparse(each)}"
            if text := _string_at(node.body, place + 1):
                yield from _indented(f'"""{text}"""')


def _set_at_birth(node: ast.ClassDef) -> Iterator[str]:
    """Public attributes that ``__init__`` sets, with the type that their annotation, argument or constructor names."""
    for function in node.body:
        if isinstance(function, ast.FunctionDef) and function.name == "__init__":
            types = {each.arg: each.annotation for each in function.args.args}
            for each in function.body:
                target = each.target if isinstance(each, ast.AnnAssign) else each.targets[0] if isinstance(each, ast.Assign) else None
                if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
                    kind = _type_of(each, types)
                    yield f"    {target.attr}: {ast.unparse(kind)}" if kind is not None else f"    {target.attr}"


def _type_of(each: ast.stmt, types: dict[str, ast.expr | None]) -> ast.expr | None:
    if isinstance(each, ast.AnnAssign):
        return each.annotation
    value = each.value if isinstance(each, ast.Assign) else None
    if isinstance(value, ast.Call):
        return value.func
    return types.get(value.id) if isinstance(value, ast.Name) else None


def _method(node: Function) -> Iterator[str]:
    yield ""
    yield from (f"    @{text}" for each in node.decorator_list if (text := ast.unparse(each)).startswith(KEPT_DECORATORS))
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    yield f"    {word} {_signature(node)}:"
    yield from _indented(f'"""{ast.get_docstring(node) or ""}"""', 8)


def _signature(node: Function) -> str:
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"


def _string_at(body: list[ast.stmt], place: int) -> str:
    """The string that stands alone behind a field or an alias."""
    node = body[place] if place < len(body) else None
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return inspect.cleandoc(node.value.value) if is_text else ""  # type: ignore[union-attr]


def _indented(text: str, width: int = 4) -> Iterator[str]:
    yield from (f"{' ' * width}{line}".rstrip() for line in text.splitlines())
