"""What becomes of a request when the check of its kind misbehaves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import BaseModel

from app.contracts import JobKind
from app.errors import UserError
from app.jobs.submission import make_job


class _Request(BaseModel):
    word: str = ""


def _submit(error: BaseException) -> None:
    def check(request: BaseModel) -> None:
        raise error

    make_job(JobKind("x", "Words", _Request, lambda run, request: None, check), {}, {}, owner="", source="", now=1.0)


@pytest.mark.parametrize("error", [ValueError("odd"), SystemExit(3)])
def test_a_check_that_breaks_refuses_the_job(error) -> None:
    with pytest.raises(UserError, match="Words: the request could not be checked") as caught:
        _submit(error)
    assert caught.value.status == 503


def test_the_users_ctrl_c_during_a_check_ends_the_program() -> None:
    with pytest.raises(KeyboardInterrupt):
        _submit(KeyboardInterrupt())


def test_a_check_that_pretends_to_be_ctrl_c_in_another_thread_refuses_the_job() -> None:
    with ThreadPoolExecutor(1) as threads, pytest.raises(UserError, match="could not be checked"):
        threads.submit(_submit, KeyboardInterrupt()).result(30)
