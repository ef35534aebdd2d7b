"""Ways to put the value of an axis into a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

from app.api import GenerationRequest, Json, Params, UserError, field_extra, take_tags

Apply = Callable[[GenerationRequest, Json], GenerationRequest]


def in_field(*names: str) -> Apply:
    """Into fields of the request."""
    return lambda request, value: request.model_copy(update=dict.fromkeys(names, value))


def in_settings(*keys: str) -> Apply:
    """Into settings of this request."""
    return lambda request, value: request.model_copy(update={"settings": {**request.settings, **dict.fromkeys(keys, value)}})


def in_params(feature: str, name: str) -> Apply:
    """Into a field of a feature's parameters."""

    def apply(request: GenerationRequest, value: Json) -> GenerationRequest:
        own = {**request.params.get(feature, {}), name: value}
        return request.model_copy(update={"params": {**request.params, feature: own}})

    return apply


def in_size(request: GenerationRequest, value: Json) -> GenerationRequest:
    """ "WxH"; raises UserError for another text."""
    sides = str(value).lower().split("x")
    if len(sides) != 2 or not all(side.strip().isdigit() for side in sides):
        raise UserError(f"{value!r} is not a size.", hint="Write width and height like 512x768.")
    width, height = (int(side) for side in sides)
    return request.model_copy(update={"width": width, "height": height})


def in_styles(request: GenerationRequest, value: Json) -> GenerationRequest:
    """Further styles, separated by commas within the value."""
    names = [name.strip() for name in str(value).split(",") if name.strip() not in ("", "None")]
    return request.model_copy(update={"styles": (*request.styles, *names)})


# --- prompts ---


class PromptTexts:
    """Changes all prompts of a request: its own and those of features."""

    def __init__(self, models: Sequence[type[Params]]) -> None:
        self._fields = [
            (model.feature, name) for model in models for name, field in model.model_fields.items() if field_extra(field).get("prompt")
        ]

    def read(self, request: GenerationRequest) -> list[str]:
        """All of them."""
        others = [request.params.get(feature, {}).get(name) for feature, name in self._fields]
        return [request.prompt, request.negative_prompt, *(text for text in others if isinstance(text, str))]

    def changed(self, request: GenerationRequest, change: Callable[[str], str]) -> GenerationRequest:
        """The request with every prompt changed."""
        params = dict(request.params)
        for feature, name in self._fields:
            text = params.get(feature, {}).get(name)
            if isinstance(text, str):
                params[feature] = {**params[feature], name: change(text)}
        prompts = {"prompt": change(request.prompt), "negative_prompt": change(request.negative_prompt)}
        return request.model_copy(update={**prompts, "params": params})

    def replaced(self, request: GenerationRequest, searched: str, replacement: str) -> GenerationRequest:
        """The request with a text replaced wherever it stands."""
        return self.changed(request, lambda text: text.replace(searched, replacement))

    def without_tags(self, request: GenerationRequest, searched: Sequence[str]) -> GenerationRequest | None:
        """The request without the tags ``<...>`` in which one of the texts stands; None where there is none."""
        found = [tag for text in self.read(request) for tag in take_tags(text)[1] if any(word in str(tag) for word in searched)]
        if not found:
            return None
        for tag in found:
            request = self.replaced(request, str(tag), "")
        return request

    def check_search(self, request: GenerationRequest, values: Sequence[Json]) -> None:
        """Raise UserError when the first value stands in no prompt."""
        searched = str(values[0])
        if not searched:
            raise UserError("There is nothing to look for.", hint="The first value is the text that the others replace.")
        if not any(searched in text for text in self.read(request)):
            raise UserError(
                f"{searched!r} is neither in the prompt nor in the negative prompt.", hint="The first value must stand in one of them."
            )


def check_order(request: GenerationRequest, values: Sequence[Json]) -> None:
    """Raise UserError for parts that the prompt does not have, or has twice in the list."""
    first = values[0] if values else []
    parts = [str(part) for part in first] if isinstance(first, list) else []
    missing = next((part for part in parts if part not in request.prompt), None)
    if missing is not None:
        raise UserError(f"{missing!r} is not in the prompt.")
    if len(set(parts)) != len(parts):
        raise UserError("A part is named twice.")


def in_order(request: GenerationRequest, value: Json) -> GenerationRequest:
    """The parts that ``value`` lists stand in its order in the places that they had."""
    parts = [str(part) for part in value] if isinstance(value, list) else []
    rest, pieces = request.prompt, []
    for part in sorted(parts, key=request.prompt.find):
        before, found, after = rest.partition(part)
        if not found:
            raise UserError(f"{part!r} cannot be told from the other parts.")
        pieces.append(before)
        rest = after
    prompt = "".join(piece + part for piece, part in zip(pieces, parts, strict=True)) + rest
    return request.model_copy(update={"prompt": prompt})


def orders(parts: Sequence[str]) -> list[Json]:
    """All orders of the parts."""
    return [list[Json](order) for order in permutations(parts)]
