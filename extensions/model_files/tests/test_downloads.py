"""Downloads: resumed, checked before they get a name, never from this machine's network, and tokens for their own hosts alone."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from app.api import UserError
from extensions.model_files.network import Network, check_url, is_of_a_network

from .conftest import lora

DATA = lora(rank=64, layers=4)
SHA256 = hashlib.sha256(DATA).hexdigest()
pytestmark = pytest.mark.usefixtures("net")


def test_a_file_arrives_under_the_name_that_its_server_gives(models, server):
    server.files["/get/17"] = DATA
    server.headers["/get/17"] = {"Content-Disposition": 'attachment; filename="../my:style.safetensors"'}
    job = models.download(server.url("/get/17"), folder="new", sha256=SHA256)
    assert job.state == "done", job.error
    assert job.result.info["name"] == "new/my_style.safetensors" and job.result.info["recognised"]["title"] == "LoRA"
    assert (models.folder / "Lora/new/my_style.safetensors").read_bytes() == DATA
    assert models.host.models.find("lora", "my_style").sha256 == SHA256
    assert models.waiting() == []


@pytest.mark.parametrize("ranges", [True, False])
def test_broken_connections_are_gone_on_with(models, server, ranges):
    server.files["/a.safetensors"] = DATA
    server.headers["/a.safetensors"] = {"ETag": '"v1"'}
    server.ranges, server.breaks = ranges, [200_000, 150_000] if ranges else [200_000]
    job = models.download(server.url("/a.safetensors"))
    assert job.state == "done", job.error
    assert (models.folder / "Lora/a.safetensors").read_bytes() == DATA
    asked = server.asked("/a.safetensors")
    assert [headers.get("range") for headers in asked][:2] == [None, "bytes=200000-"]
    assert asked[1]["if-range"] == '"v1"'


def test_another_job_goes_on_where_the_last_one_was_given_up(models, server, net):
    net(retry_s=(0.0,))
    server.files["/a.safetensors"] = DATA
    server.headers["/a.safetensors"] = {"ETag": '"v1"'}
    server.breaks = [300_000, 0, 0]
    failed = models.download(server.url("/a.safetensors"))
    assert failed.state == "failed" and "kept" in failed.error, failed.error
    assert models.files() == []
    assert models.download(server.url("/a.safetensors")).state == "done"
    assert server.asked("/a.safetensors")[-1]["range"] == "bytes=300000-"


def test_another_file_under_the_same_address_is_fetched_from_the_beginning(models, server, net):
    net(retry_s=(0.0,))
    server.files["/a.safetensors"] = lora(rank=64, layers=4, note="older")
    server.headers["/a.safetensors"] = {"ETag": '"v1"'}
    server.breaks = [300_000, 0, 0]
    models.download(server.url("/a.safetensors"))
    server.files["/a.safetensors"], server.headers["/a.safetensors"] = DATA, {"ETag": '"v2"'}
    job = models.download(server.url("/a.safetensors"))
    assert job.state == "done", job.error
    assert (models.folder / "Lora/a.safetensors").read_bytes() == DATA


def test_a_file_without_a_length_arrives(models, server):
    server.files["/a.safetensors"], server.tells_length = DATA, False
    assert models.download(server.url("/a.safetensors"), sha256=SHA256).state == "done"


BAD = ((DATA, {"sha256": "0" * 64}, "sha256"), (DATA[:-9], {}, "truncated"), (b"x" * 5000, {}, "a.safetensors"))


def test_a_file_that_is_not_what_it_should_be_is_not_kept(models, server):
    for data, request, words in BAD:
        server.files["/a.safetensors"] = data
        job = models.download(server.url("/a.safetensors"), **request)
        assert job.state == "failed" and job.user_error and words in job.error, job.error
        assert models.files() == [] and models.waiting() == []


def test_nothing_is_replaced_and_nothing_fetched_for_it(models, server):
    models.write("a.safetensors", b"mine")
    server.files["/a.safetensors"] = DATA
    job = models.download(server.url("/a.safetensors"), folder_kind="lora")
    assert job.state == "failed" and "already" in job.error
    refused = models.call("POST", "downloads", json={"url": server.url("/x"), "folder_kind": "lora", "name": "a.safetensors"})
    assert refused.status_code == 409
    taken = models.download(server.url("/a.safetensors"))
    assert taken.state == "failed" and "already" in taken.error, "the kind was known only when the file was there"
    count = len(server.seen)
    again = models.download(server.url("/a.safetensors"), name="b")
    assert again.state == "done" and len(server.seen) == count, "what has arrived is not fetched again"
    assert (models.folder / "Lora/a.safetensors").read_bytes() == b"mine"


ANSWERS = (
    ((404, {}), "no such file"),
    ((403, {}), "token"),
    ((500, {}), "500"),
    ((200, {"Content-Type": "text/html; charset=utf-8"}), "page"),
    ((418, {}), "418"),
)


def test_answers_without_a_file_are_put_into_words(models, server):
    server.files["/a.safetensors"] = DATA
    for answer, words in ANSWERS:
        server.answers = [answer] * 9
        job = models.download(server.url("/a.safetensors"))
        assert job.state == "failed" and words in job.error, job.error


def test_a_busy_server_is_asked_again(models, server):
    server.files["/a.safetensors"], server.answers = DATA, [(429, {"Retry-After": "0"}), (503, {})]
    assert models.download(server.url("/a.safetensors")).state == "done"


def test_a_silent_server_does_not_keep_a_job_that_is_cancelled(models, server):
    server.silent, server.breaks = threading.Event(), [100_000]
    server.files["/a.safetensors"] = DATA
    job = models.call("POST", "downloads", json={"url": server.url("/a.safetensors")}).json()["job"]
    heard = threading.Event()
    models.host.jobs.subscribe(lambda event: heard.set() if getattr(event, "text", "").startswith("Asking") else None)
    heard.wait(1)
    models.host.jobs.control(job, "cancel")
    assert models.host.jobs.wait(job, 10).state == "cancelled"
    assert models.files() == []
    assert models.call("DELETE", f"downloads/{job}").status_code == 204
    assert models.waiting() == []


def test_a_full_disk_stops_it_before_it_begins(models, server, monkeypatch):
    server.files["/a.safetensors"] = DATA
    monkeypatch.setattr("extensions.model_files.places.RESERVE_BYTES", 1 << 60)
    job = models.download(server.url("/a.safetensors"))
    assert job.state == "failed" and "room" in job.error
    assert models.files() == []


def test_a_complete_file_of_a_program_that_was_killed_is_not_fetched_again(models, server):
    server.files["/a.safetensors"] = DATA
    server.headers["/a.safetensors"] = {"ETag": '"v1"'}
    models.write("a.safetensors", b"mine")
    assert models.download(server.url("/a.safetensors")).state == "failed"
    [part] = (Path(models.host.paths.data) / "tmp/model_files/downloads").rglob("file.part")
    part.rename(part.with_name("a.safetensors"))
    count = len(server.seen)
    assert models.download(server.url("/a.safetensors"), name="b").state == "done"
    assert len(server.seen) == count


# --- sites ---


def test_a_page_of_hugging_face_leads_to_the_file_and_its_hash(models, server, net):
    net(huggingface=server.address)
    models.host.settings.set({"huggingface_token": "hf_secret_token"})
    elsewhere = server.address.replace("127.0.0.1", "localhost")
    server.redirects["/me/loras/resolve/main/my%20style.safetensors"] = (
        f"{elsewhere}/blob/1?signature=abc",
        {"X-Linked-Etag": f'"{"0" * 64}"'},
    )
    server.files["/blob/1"] = DATA
    wrong = models.download("https://huggingface.co/me/loras/blob/main/my%20style.safetensors")
    assert wrong.state == "failed" and "sha256" in wrong.error and "signature" not in wrong.error
    assert server.seen[0][1]["authorization"] == "Bearer hf_secret_token"
    assert "authorization" not in server.seen[1][1], "the token stays with its host"
    server.redirects["/me/loras/resolve/main/my%20style.safetensors"] = (f"{elsewhere}/blob/1", {"X-Linked-Etag": f'"{SHA256}"'})
    job = models.download("https://huggingface.co/me/loras/blob/main/my%20style.safetensors")
    assert job.state == "done" and job.result.info["name"] == "my style.safetensors", job.error
    assert "hf_secret_token" not in json.dumps([listed.model_dump(mode="json") for listed in models.host.jobs.list()])
    models.download(server.address.replace("127.0.0.1", "localhost") + "/blob/1", name="other.safetensors")
    assert "authorization" not in server.seen[-1][1]


def test_a_token_is_not_sent_again_after_a_redirect_has_left_its_host(models, server, net):
    net(huggingface=server.address)
    models.host.settings.set({"huggingface_token": "hf_secret_token"})
    server.redirects["/me/loras/resolve/main/a.safetensors"] = (server.url("/renamed"), {})
    server.redirects["/renamed"] = (server.address.replace("127.0.0.1", "localhost") + "/away", {})
    server.redirects["/away"] = (server.url("/back"), {})
    server.files["/back"] = DATA
    assert models.download("https://huggingface.co/me/loras/resolve/main/a.safetensors").state == "done"
    sent = {path: headers.get("authorization") for path, headers in server.seen}
    assert sent["/renamed"] == "Bearer hf_secret_token" and sent["/away"] is sent["/back"] is None


def test_what_waits_for_days_is_deleted(models, server, net):
    net(retry_s=(0.0,))
    server.files["/a.safetensors"], server.breaks = DATA, [1000, 0, 0]
    server.headers["/a.safetensors"] = {"ETag": '"v1"'}
    models.download(server.url("/a.safetensors"))
    [part] = (Path(models.host.paths.data) / "tmp/model_files/downloads").rglob("file.part")
    for path in (part, part.parent):
        os.utime(path, (0, time.time() - 8 * 24 * 3600))
    models.download(server.url("/b.safetensors"))
    assert models.waiting() == []


def test_a_token_that_cannot_be_sent_is_not_repeated(models, server, net):
    net(huggingface=server.address)
    models.host.settings.set({"huggingface_token": "hf_sec\u00e9ret\nX: y"})
    job = models.download("https://huggingface.co/me/loras/blob/main/a.safetensors")
    assert job.state == "failed" and "Token for Hugging Face" in job.error and "ret" not in job.error and server.seen == []


def civitai(server, sha256=SHA256, **more):
    file = {"name": "art.safetensors", "primary": True, "type": "Model", "hashes": {"SHA256": sha256.upper()}, "metadata": {"fp": "fp16"}}
    file |= {"downloadUrl": server.url("/api/download/models/22")}
    pruned = {**file, "name": "art-pruned.safetensors", "primary": False, "metadata": {"fp": "fp32"}}
    version = {"id": 22, "name": "v2", "files": [pruned, file], **more}
    server.files["/api/v1/models/11"] = json.dumps({"modelVersions": [version, {"id": 21, "name": "v1", "files": []}]}).encode()
    server.files["/api/v1/model-versions/22"] = json.dumps(version).encode()
    server.redirects["/api/download/models/22"] = (server.address.replace("127.0.0.1", "localhost") + "/bucket/x?sig=1", {})
    server.files["/bucket/x"] = DATA


PAGES = (
    "https://civitai.com/models/11/art",
    "https://civitai.com/models/11?modelVersionId=22",
    "https://civitai.com/api/download/models/22",
    "https://civitai.com/api/download/models/22?type=Model&fp=fp16",
)


def test_pages_and_links_of_civitai(models, server, net):
    net(civitai=server.address)
    models.host.settings.set({"civitai_token": "civ_secret"})
    civitai(server)
    for number, page in enumerate(PAGES):
        job = models.download(page, folder=str(number))
        assert job.state == "done" and job.result.info["name"] == f"{number}/art.safetensors", job.error
        tokens = {path: headers.get("authorization") for path, headers in server.seen}
        assert tokens.pop("/bucket/x") is None and set(tokens.values()) == {"Bearer civ_secret"}
        assert any("v2" in comment for comment in job.result.comments) == (number == 0)


def test_the_hash_that_civitai_tells_is_kept_to(models, server, net):
    net(civitai=server.address)
    civitai(server, sha256="1" * 64)
    job = models.download("https://civitai.com/models/11")
    assert job.state == "failed" and "sha256" in job.error and models.files() == []
    server.files["/api/v1/models/11"] = b"[]"
    assert "understood" in models.download("https://civitai.com/models/11").error
    del server.files["/api/v1/models/11"]
    assert "404" in models.download("https://civitai.com/models/11").error


# --- where downloads may not lead ---

SPELLINGS = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]")


def test_no_spelling_reaches_this_machine(models, server, net):
    net(is_refused=is_of_a_network)
    server.files["/a.safetensors"] = DATA
    port = server.address.rpartition(":")[2]
    for host in SPELLINGS:
        job = models.download(f"http://{host}:{port}/a.safetensors")
        assert job.state == "failed" and server.seen == [], job.error


def test_no_redirect_reaches_this_machine_or_leaves_https(models, server, net):
    net(is_refused=lambda ip: str(ip) == "127.0.0.2")
    server.redirects["/a.safetensors"] = (server.address.replace("127.0.0.1", "127.0.0.2") + "/b", {})
    assert "network" in models.download(server.url("/a.safetensors")).error
    for target in ("file:///etc/passwd", "ftp://example.com/x", "gopher://127.0.0.1/", "http://[x", "http://a:99999/", ""):
        server.redirects["/a.safetensors"] = (target, {})
        assert models.download(server.url("/a.safetensors")).state == "failed"
    server.redirects["/a.safetensors"] = (server.url("/a.safetensors"), {})
    assert "10 times" in models.download(server.url("/a.safetensors")).error


URLS = ("http://example.com/a", "ftp://example.com/a", "file:///etc/passwd", "https://", "https://me:pw@example.com/a", "https://[bad/a")
URLS += ("https://example.com:99999/a", "https://civitai.com/api/download/models/1?token=secret", "")


def test_addresses_that_cannot_be_are_refused_without_repeating_them(models, net):
    net(allows_http=False)
    for url in URLS:
        answer = models.call("POST", "downloads", json={"url": url})
        assert answer.status_code == 422 and answer.json()["field"] == "url", answer.text
        assert "secret" not in answer.text and "me:pw" not in answer.text
    assert models.host.jobs.list() == []


SIGNED = ("api_key=a", "access-token=a", "sig=a", "x=1&key=a", "X-Amz-Signature=a", "x-amz-credential=a", "X-Goog-Signature=a", "Policy=a")
SIGNED += ("Key-Pair-Id=a", "%74oken=a", "a;jwt=b", "download#token=a", "Signature=a")


def test_signed_addresses_are_refused_and_not_kept(models, net):
    for query in SIGNED:
        with pytest.raises(UserError, match="key or token") as caught:
            check_url(f"https://example.com/a.safetensors?{query}", Network())
        assert caught.value.field == "url"
    for query in ("type=Model&format=SafeTensor", "download=true", "monkey=1", "id=key"):
        assert check_url(f"https://example.com/a.safetensors?{query}", Network()).query == query


def refuse_names(models, monkeypatch, closing):
    """A name that the system looks for and never finds."""
    asked, over = threading.Event(), threading.Event()
    closing.callback(over.set)

    def getaddrinfo(*given, **more):
        asked.set()
        over.wait(60)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return "https://nowhere.example/a.safetensors", asked.wait, {}


def full_server(models, monkeypatch, closing):
    """An address that answers no new connection."""
    listening = closing.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _ in range(4):
        waiting = closing.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(listening.getsockname())
    begun, connect = threading.Event(), socket.socket.connect_ex
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *given: begun.set() or connect(*given))
    return f"http://127.0.0.1:{listening.getsockname()[1]}/a.safetensors", begun.wait, {}


def silent_host(models, monkeypatch, closing):
    """A server that takes connections and says nothing: no TLS."""
    listening = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
    return f"https://127.0.0.1:{listening.getsockname()[1]}/a.safetensors", lambda: closing.enter_context(listening.accept()[0]), {}


def silent_proxy(models, monkeypatch, closing):
    """The same as a proxy."""
    url, reached, _ = silent_host(models, monkeypatch, closing)
    return "https://127.0.0.1:9/a.safetensors", reached, {"proxy": url.replace("https", "http").removesuffix("/a.safetensors")}


@pytest.mark.parametrize("obstacle", [refuse_names, full_server, silent_host, silent_proxy])
def test_a_cancel_is_heard_while_it_connects(models, net, monkeypatch, obstacle):
    with contextlib.ExitStack() as closing:
        url, reached, rules = obstacle(models, monkeypatch, closing)
        net(timeout_s=600.0, **rules)
        job = models.call("POST", "downloads", json={"url": url}).json()["job"]
        reached()
        models.host.jobs.control(job, "cancel")
        assert models.host.jobs.wait(job, 10).state == "cancelled"


def test_the_common_route_of_jobs_takes_no_download(models):
    answer = models.client.post("/paintbox/v1/jobs", json={"kind": "download_model", "request": {"url": "https://example.com/a"}})
    assert answer.status_code == 403 and "/paintbox/v1/models/downloads" in answer.json()["detail"]
