"""Building the page anew: the newest is served, open pages keep theirs, errors and crowds change nothing."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from app.web.limits import largest_body
from app.web.page_server import KEPT, PageServer
from tests.web.conftest import SiteMaker
from tests.web.test_page import FEATURES, config_of, elem_ids


class Builder:
    """Builds pages that say who they are; ``events`` tells what began and ended."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.is_broken = False

    def __call__(self, root: str) -> FastAPI:
        self.events.append(f"build {root}")
        assert self.gate.wait(10)
        if self.is_broken:
            raise RuntimeError("no paint")

        @asynccontextmanager
        async def lifespan(app: FastAPI):
            self.events.append(f"start {root}")
            yield
            self.events.append(f"stop {root}")

        def say(request: Request) -> PlainTextResponse:
            return PlainTextResponse(f"{root} {request.url.path}")

        outer, inner = FastAPI(lifespan=lifespan), FastAPI()
        inner.add_route("/{path:path}", say)
        outer.mount(root or "/", inner)
        return outer


def told(story) -> list[str]:
    """Run ``story(server, ask, builder)`` on a running page server; returns the builder's events."""
    builder = Builder()

    async def tell() -> None:
        server = PageServer(builder)

        async def ask(path: str) -> tuple[int, str]:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://page") as client:
                answer = await client.get(path)
                return answer.status_code, answer.text

        async with server.running():
            await story(server, ask, builder)

    asyncio.run(tell())
    return builder.events


def test_the_newest_build_is_served_and_an_open_page_keeps_its_own() -> None:
    async def story(server, ask, builder) -> None:
        assert await ask("/") == (200, " /")
        assert await server.reload() == 2
        assert await ask("/") == (200, "/page/2 /page/2/")
        assert await ask("/assets/x.js") == (200, "/page/2 /page/2/assets/x.js")
        assert await ask("/gradio_api/queue/join") == (200, " /gradio_api/queue/join")
        assert await ask("/page/2/gradio_api/queue/join") == (200, "/page/2 /page/2/gradio_api/queue/join")

    assert told(story) == ["build ", "start ", "build /page/2", "start /page/2", "stop ", "stop /page/2"]


def test_a_page_that_is_too_old_is_told_so() -> None:
    async def story(server, ask, builder) -> None:
        for _ in range(KEPT):
            await server.reload()
        status, text = await ask("/gradio_api/queue/join")
        assert status == 410 and "load it again" in text
        assert (await ask("/page/2/gradio_api/queue/join"))[0] == 200
        assert (await ask("/page/99/gradio_api/queue/join"))[0] == 410
        assert builder.events[-1] == "stop "

    told(story)


def test_a_build_that_fails_leaves_the_page_as_it_was() -> None:
    async def story(server, ask, builder) -> None:
        builder.is_broken = True
        with pytest.raises(RuntimeError, match="no paint"):
            await server.reload()
        assert await ask("/") == (200, " /")
        builder.is_broken = False
        assert await server.reload() == 2

    told(story)


def test_all_who_ask_while_a_page_is_built_share_one_more_build() -> None:
    async def story(server, ask, builder) -> None:
        builder.gate.clear()
        first = asyncio.create_task(server.reload())
        while len(builder.events) < 3:
            await asyncio.sleep(0)
        others = [asyncio.create_task(server.reload()) for _ in range(5)]
        await asyncio.sleep(0)
        builder.gate.set()
        assert await first == 2
        assert await asyncio.gather(*others) == [3] * 5

    events = told(story)
    assert [event for event in events if event.startswith("build")] == ["build ", "build /page/2", "build /page/3"]


def test_the_real_page_shows_a_changed_list_of_quicksettings_after_a_reload(make_site: SiteMaker) -> None:
    site = make_site(*FEATURES)
    site.host.settings.set({"quicksettings_list": ["CLIP_stop_at_last_layers", "n_rows"]})
    assert "setting_n_rows" not in elem_ids(config_of(site))
    assert site.client.post("/paintbox/v1/page/reload").json() == {"page": 2}
    drawn = elem_ids(config_of(site))
    assert {"setting_CLIP_stop_at_last_layers", "setting_n_rows"} <= drawn
    assert "setting_sd_model_checkpoint" not in drawn, "it is not in the list any more"
    assert config_of(site)["root"].endswith("/page/2")
    assert site.other_client(Origin="https://evil.example").post("/paintbox/v1/page/reload").status_code == 403


def test_uploads_of_a_later_page_have_the_limit_of_uploads() -> None:
    assert largest_body("/page/7/gradio_api/upload") == largest_body("/gradio_api/upload") > largest_body("/page/7/x")
