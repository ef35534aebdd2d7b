"""The page /docs names every route and loads nothing from elsewhere."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from app.web.docs_page import add_docs_page


class Picture(BaseModel):
    steps: int = Field(20, ge=1, le=150, description="How <many>.")
    prompt: str
    tags: list[str] = []
    size: int | None = None


def _page(address: str = "/docs") -> str:
    app = FastAPI(title="Paintbox", docs_url=None, redoc_url=None)

    @app.post("/draw", summary="Draw a picture", tags=["pictures"])
    def draw(body: Picture) -> None: ...

    @app.post("/anything", tags=["pictures"])
    def anything(body: dict[str, Any]) -> None: ...

    @app.get("/list/{kind}")
    def everything(kind: str, limit: Annotated[int, Query(ge=1)] = 5) -> None: ...

    add_docs_page(app)
    return TestClient(app).get(address).text


@pytest.mark.parametrize("address", ["/docs", "/redoc"])
def test_every_route_and_field_is_listed(address: str) -> None:
    page = _page(address)
    for text in (
        "/draw",
        "/anything",
        "/list/{kind}",
        "Draw a picture",
        "steps",
        "prompt",
        "limit",
        "1 to 150",
        "at least 1",
        "list of string",
    ):
        assert text in page
    assert page.count("<details>") == 3


def test_texts_cannot_become_markup() -> None:
    assert "How &lt;many&gt;." in _page()


def test_nothing_is_loaded() -> None:
    page = _page()
    assert not re.search(r"<script|<link|<img|src=|url\(|https?://|@import", page)
