"""What became of networks, as the API tells it."""

from __future__ import annotations

from app.api import NetworkUse, hookimpl
from extensions.a1111_api.tests.conftest import Api, info_of

WHOLE = NetworkUse(type="lora", name="style", file="style.pt", strength="0.5", applied=3, total=3, parts={"U-Net": 2, "text encoder": 1})
PARTLY = NetworkUse(type="lora", name="other", applied=1, total=2, unmatched=("a layer",))


class UsesNetworks:
    """What an extension does that draws with files."""

    @hookimpl
    def edit_request(self, request, run):
        run.used_network(WHOLE)
        run.used_network(PARTLY)
        return request


def test_the_info_tells_of_each_network(fresh_api: Api) -> None:
    assert info_of(fresh_api.draw())["networks"] == []
    fresh_api.host.hooks.register("uses", UsesNetworks())
    info = info_of(fresh_api.draw())
    first, second = info["networks"]
    assert first["sentence"] == "lora style: 3/3 keys applied (U-Net 2, text encoder 1)"
    assert (first["name"], first["file"], first["strength"], first["applied"], first["total"]) == ("style", "style.pt", "0.5", 3, 3)
    assert second["sentence"] == "lora other: 1/2 keys applied; not matched: a layer"
    assert second["sentence"] in info["comments"]
    assert first["sentence"] not in info["comments"]
