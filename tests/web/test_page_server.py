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
from app.web.page_server import KEPT, BuiltPage, PageServer, page_root
from tests.web.conftest import SiteMaker
from tests.web.test_page import FEATURES, config_of, elem_ids


class Builder:
    """Builds pages that say who they are; ``events`` tells what began and ended."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.is_broken = False
        self.signature = "a0"

    def __call__(self, number: int) -> BuiltPage:
        root = page_root(number, self.signature)
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
        outer.mount(root, inner)
        return BuiltPage(root, self.signature, outer)


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
        assert await ask("/") == (200, "/page/1-a0 /page/1-a0/")
        assert await server.reload() == 2
        assert await ask("/") == (200, "/page/2-a0 /page/2-a0/")
        assert await ask("/assets/x.js") == (200, "/page/2-a0 /page/2-a0/assets/x.js")
        assert await ask("/gradio_api/queue/join") == (200, "/page/2-a0 /page/2-a0/gradio_api/queue/join")
        assert await ask("/page/1-a0/gradio_api/queue/join") == (200, "/page/1-a0 /page/1-a0/gradio_api/queue/join")

    roots = ["/page/1-a0", "/page/2-a0"]
    assert told(story) == [f"{what} {root}" for root in roots for what in ("build", "start")] + [f"stop {root}" for root in roots]


def test_a_page_that_is_too_old_is_told_so_unless_a_later_one_is_like_it() -> None:
    async def story(server, ask, builder) -> None:
        builder.signature = "b1"
        for _ in range(KEPT):
            await server.reload()
        status, text = await ask("/page/1-a0/gradio_api/queue/join")
        assert status == 410 and "load it again" in text
        assert await ask("/page/2-b1/gradio_api/queue/join") == (200, "/page/2-b1 /page/2-b1/gradio_api/queue/join")
        assert await ask("/page/99-b1/gradio_api/queue/join") == (200, "/page/7-b1 /page/7-b1/gradio_api/queue/join")
        assert (await ask("/page/2-c2/gradio_api/queue/join"))[0] == 410, "a page of another start that had this number, too"
        assert server.build_for(1, "a0") is None and server.build_for(99, "b1") is not None
        assert builder.events[-1] == "stop /page/1-a0"

    told(story)


def test_a_build_that_fails_leaves_the_page_as_it_was() -> None:
    async def story(server, ask, builder) -> None:
        builder.is_broken = True
        with pytest.raises(RuntimeError, match="no paint"):
            await server.reload()
        assert await ask("/") == (200, "/page/1-a0 /page/1-a0/")
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
    assert [event for event in events if event.startswith("build")] == ["build /page/1-a0", "build /page/2-a0", "build /page/3-a0"]


def test_the_real_page_shows_a_changed_list_of_quicksettings_after_a_reload(make_site: SiteMaker) -> None:
    site = make_site(*FEATURES)
    site.host.settings.set({"quicksettings_list": ["CLIP_stop_at_last_layers", "n_rows"]})
    assert "setting_n_rows" not in elem_ids(config_of(site))
    assert site.client.post("/paintbox/v1/page/reload").json() == {"page": 2}
    drawn = elem_ids(config_of(site))
    assert {"setting_CLIP_stop_at_last_layers", "setting_n_rows"} <= drawn
    assert "setting_sd_model_checkpoint" not in drawn, "it is not in the list any more"
    root = config_of(site)["root"]
    build = root[root.rindex("/page/2-") + len("/page/") :]
    assert site.client.get("/paintbox/v1/page", params={"build": build}).json() == {"page": 2, "is_usable": True}
    assert site.client.get("/paintbox/v1/page", params={"build": "2-0123456789ab"}).json() == {"page": 2, "is_usable": False}
    assert site.client.get("/paintbox/v1/page", params={"build": "../x"}).status_code == 422
    assert site.other_client(Origin="https://evil.example").post("/paintbox/v1/page/reload").status_code == 403


def test_uploads_of_a_later_page_have_the_limit_of_uploads() -> None:
    assert largest_body("/page/7-a0/gradio_api/upload") == largest_body("/gradio_api/upload") > largest_body("/page/7-a0/x")
