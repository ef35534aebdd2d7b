"""What ComfyUI's sampler nodes were told: seed, steps, guidance, sampler and schedule, wherever the graph keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from extensions.a1111_infotext.api import text_of
from extensions.comfyui_metadata.graph import Graph, Node

PLAIN = ("KSampler", "KSampler (Efficient)", "KSampler Adv. (Efficient)", "KSampler (WAS)", "KSampler //Inspire")
ADVANCED = "KSamplerAdvanced"
CUSTOM = ("SamplerCustom", "SamplerCustomAdvanced")
SAMPLERS = frozenset({*PLAIN, ADVANCED, *CUSTOM})
SCHEDULERS = {"KarrasScheduler": "karras", "ExponentialScheduler": "exponential", "PolyexponentialScheduler": "polyexponential"}
FIXED_SAMPLERS = {
    "SamplerEulerAncestral": "euler_ancestral",
    "SamplerLMS": "lms",
    "SamplerDPMPP_2M_SDE": "dpmpp_2m_sde",
    "SamplerDPMPP_3M_SDE": "dpmpp_3m_sde",
    "SamplerDPMPP_SDE": "dpmpp_sde",
    "SamplerDPMPP_2S_Ancestral": "dpmpp_2s_ancestral",
    "SamplerDPMAdaptative": "dpm_adaptive",
    "SamplerLCMUpscale": "lcm",
}


@dataclass(frozen=True)
class Sampling:
    """``node`` is the sampler; ``guide`` is the node with its model and conditionings; ``remarks`` name what has no counterpart."""

    node: Node
    guide: Node
    seed: int | float | None = None
    steps: int | float | None = None
    cfg_scale: int | float | None = None
    sampler: str = ""
    schedule: str = ""
    denoise: int | float | None = None
    remarks: tuple[str, ...] = ()


def sampling_of(graph: Graph, node: Node) -> Sampling:
    """What this sampler was told."""
    if node.kind in CUSTOM:
        return _custom(graph, node)
    remarks = []
    last_step, steps = graph.number(node, "end_at_step"), graph.number(node, "steps")
    if graph.number(node, "start_at_step"):
        remarks.append("the step at which sampling began")
    if last_step is not None and steps is not None and last_step < steps:
        remarks.append("the step at which sampling ended")
    if text_of(node.inputs.get("add_noise")) == "disable":
        remarks.append("sampling without added noise")
    return Sampling(
        node=node,
        guide=node,
        seed=graph.number(node, "noise_seed" if "noise_seed" in node.inputs else "seed"),
        steps=steps,
        cfg_scale=graph.number(node, "cfg"),
        sampler=graph.text(node, "sampler_name"),
        schedule=graph.text(node, "scheduler"),
        denoise=graph.number(node, "denoise"),
        remarks=tuple(remarks),
    )


def _custom(graph: Graph, node: Node) -> Sampling:
    """A sampler whose noise, guider, sampler and sigmas come from nodes of their own."""
    guide = graph.linked(node, "guider") or node
    noise = graph.linked(node, "noise") or node
    sigmas = next((each for each in graph.walk(graph.linked(node, "sigmas"), ("sigmas",)) if "steps" in each.inputs), None)
    chosen = graph.linked(node, "sampler")
    kind = chosen.kind if chosen else ""
    name = FIXED_SAMPLERS.get(kind) or (graph.text(chosen, "sampler_name") if chosen else "") or kind
    schedule = (SCHEDULERS.get(sigmas.kind) or graph.text(sigmas, "scheduler") or sigmas.kind) if sigmas else ""
    cfg_scale = graph.number(guide, "cfg")
    return Sampling(
        node=node,
        guide=guide,
        seed=graph.number(noise, "noise_seed"),
        steps=graph.number(sigmas, "steps") if sigmas else None,
        cfg_scale=1 if cfg_scale is None and guide.kind == "BasicGuider" else cfg_scale,
        sampler=name,
        schedule=schedule,
        denoise=graph.number(sigmas, "denoise") if sigmas else None,
    )
