"""Work that does not fit into the memory is done in smaller portions: by the estimate before, and by the error after."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from app.contracts import Conditioning
from app.errors import JobStopped, UserError
from app.generation import ladder
from app.generation.careful_model import LIFTED, CarefulModel, portions
from app.generation.ladder import SPARE_BYTES, Rung, climb_down
from app.weights.offloading import TOLD

GIB = 1 << 30


@pytest.fixture
def free(monkeypatch):
    """What is free, which a test may change; and how often memory was given back."""
    state = SimpleNamespace(bytes=100 * GIB, given_back=0)

    def give_back(device):
        state.given_back += 1

    monkeypatch.setattr(ladder, "available_bytes", lambda device: state.bytes)
    monkeypatch.setattr(ladder, "give_back", give_back)
    return state


def _rungs(*fails):
    def work(index):
        def run():
            if index in fails:
                raise MemoryError
            return f"rung {index}"

        return run

    return [Rung(work(index), (8 >> index) * GIB, f"done on {index}" if index else "") for index in range(3)]


def test_the_plain_way_says_nothing(free):
    comments = []
    assert climb_down(_rungs(), "cpu", comments.append) == (0, "rung 0")
    assert (comments, free.given_back) == ([], 0)


def test_the_estimate_decides_after_memory_was_given_back(free):
    free.bytes = 5 * GIB
    comments = []
    assert climb_down(_rungs(), "cpu", comments.append) == (1, "rung 1")
    assert (comments, free.given_back) == (["done on 1"], 1)


def test_the_last_way_is_tried_with_whatever_there_is(free):
    free.bytes = SPARE_BYTES
    assert climb_down(_rungs(), "cpu", lambda text: None)[0] == 2


def test_an_error_leads_to_the_next_way(free):
    comments = []
    assert climb_down(_rungs(0, 1), "cpu", comments.append) == (2, "rung 2")
    assert (comments, free.given_back) == (["done on 2"], 2)


def test_the_last_error_and_other_errors_are_raised(free):
    with pytest.raises(MemoryError):
        climb_down(_rungs(0, 1, 2), "cpu", lambda text: None)
    broken = [Rung(lambda: 1 // 0, 0), Rung(lambda: 1, 0)]
    with pytest.raises(ZeroDivisionError):
        climb_down(broken, "cpu", lambda text: None)


class Model:
    """Doubles its input; fails with more than ``most`` rows, and with NaN until it is lifted."""

    prediction_type = "epsilon"
    device = torch.device("cpu")
    downscale = 8

    def __init__(self, most=99, half=False, hopeless=False):
        self.most, self.half, self.hopeless, self.calls, self.restored, self.offload = most, half, hopeless, [], 0, ""
        self.after_offload = 0

    def offload_more(self):
        """As if only the last way of offloading left room, for as many rows as a test says."""
        if not self.after_offload or self.offload == "layers":
            return False
        self.offload = {"": "parts", "parts": "layers"}[self.offload]
        self.most = self.after_offload if self.offload == "layers" else 0
        return True

    def working_bytes(self, task, width_px, height_px):
        assert (task, width_px, height_px) == ("predict", 16, 24)
        return GIB

    def lift_precision(self, task):
        lifted, self.half = self.half, False
        return lifted

    def restore_precision(self, task):
        self.half = True
        self.restored += 1

    def predict(self, x, timesteps, conditioning):
        assert len(x) == len(timesteps) == len(conditioning)
        self.calls.append(len(x))
        if len(x) > self.most:
            raise RuntimeError("DefaultCPUAllocator: not enough memory")
        return torch.full_like(x, float("nan")) if self.half or self.hopeless else x * 2


PROMPT = Conditioning(torch.ones(2, 2))
PROMPTS = [PROMPT] * 4
X, T = torch.arange(4 * 4 * 3 * 2.0).view(4, 4, 3, 2), torch.ones(4)


def test_rows_are_parted_when_memory_runs_out_and_stay_so(free):
    model, comments = Model(most=1), []
    careful = CarefulModel(model, comments.append)
    assert careful.predict(X, T, [None] * 4).equal(X * 2)
    assert careful.predict(X, T, [None] * 4).equal(X * 2)
    assert model.calls == [4, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert comments == ["To save memory the model was called for 1 of 4 prompts at a time, which is slower."]


def test_rows_are_parted_before_memory_runs_out(free):
    free.bytes = 2 * GIB + SPARE_BYTES
    model = Model()
    assert CarefulModel(model).predict(X, T, [None] * 4).equal(X * 2)
    assert model.calls == [2, 2]


def test_it_can_be_stopped_between_two_portions(free):
    def stop():
        raise JobStopped("interrupt")

    model = Model(most=2)
    with pytest.raises(JobStopped):
        CarefulModel(model, between=stop).predict(X, T, [None] * 4)
    assert model.calls == [4, 2]


def test_when_one_row_is_too_much_less_of_the_model_stays_on_the_device(free):
    model, comments = Model(most=0), []
    model.after_offload = 2
    careful = CarefulModel(model, comments.append)
    assert careful.predict(X, T, PROMPTS).equal(X * 2)
    assert model.calls == [4, 2, 1, 4, 2, 1, 4, 2, 2]
    assert comments == [TOLD["parts"], TOLD["layers"], "To save memory the model was called for 2 of 4 prompts at a time, which is slower."]
    assert careful.predict(X, T, PROMPTS).equal(X * 2) and model.calls[9:] == [2, 2]


def test_when_nothing_helps_the_devices_error_is_raised(free):
    model = Model(most=0)
    with pytest.raises(RuntimeError, match="not enough memory"):
        CarefulModel(model).predict(X, T, PROMPTS)
    assert model.calls == [4, 2, 1]


def test_nan_is_tried_once_in_full_precision(free):
    comments = []
    assert CarefulModel(Model(half=True), comments.append).predict(X, T, PROMPTS).equal(X * 2)
    assert comments == [LIFTED]
    unchecked = CarefulModel(Model(half=True), comments.append, nan_check=False)
    assert bool(unchecked.predict(X, T, [None] * 4).isnan().all())


def test_a_model_that_fails_in_full_precision_too_is_as_it_was(free):
    model, comments = Model(half=True, hopeless=True), []
    assert bool(CarefulModel(model, comments.append).predict(X, T, PROMPTS).isnan().all())
    assert (model.half, model.restored, comments) == (True, 1, [])


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize(("what", "words"), [("context", "prompt"), ("pooled", "prompt"), ("extra", "prompt"), ("x", "picture")])
def test_what_could_only_give_nan_lifts_nothing(free, bad, what, words):
    wrong = torch.full((2, 2), bad)
    plain = PROMPT.context
    given = {"context": Conditioning(wrong), "pooled": Conditioning(plain, wrong), "extra": Conditioning(plain, None, {"a": wrong})}
    model = Model(half=True)
    x = torch.where(X == 5, bad, X) if what == "x" else X
    with pytest.raises(UserError, match=words) as error:
        CarefulModel(model).predict(x, T, [given.get(what, PROMPT)] * 4)
    assert model.half and model.restored == 0 and error.value.field == ("prompt" if words == "prompt" else "")


@pytest.mark.parametrize("half", [True, False])
def test_extreme_weights_are_named_when_full_precision_does_not_help(free, half):
    model = Model(half=half, hopeless=True)
    with pytest.raises(UserError, match="prompt"):
        CarefulModel(model).predict(X, T, [Conditioning(torch.full((2, 2), 1e20))] * 4)
    assert (model.half, model.restored) == (half, int(half))


def test_portions():
    assert (portions(1), portions(2), portions(5)) == ([1], [2, 1], [5, 3, 2, 1])
