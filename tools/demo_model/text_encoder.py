"""The demo checkpoint's CLIP text transformer, with the parameter names of SD1's `cond_stage_model.transformer`."""

from __future__ import annotations

import torch
from torch import nn

TOKENS = 49_408
POSITIONS = 77
WIDTH = 128
HEADS = 2
LAYERS = 4


class Attention(nn.Module):
    """Causal self-attention over (B, 77, 128)."""

    def __init__(self) -> None:
        super().__init__()
        self.k_proj, self.v_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.q_proj, self.out_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, tokens, _ = x.shape

        def heads(tensor: torch.Tensor) -> torch.Tensor:
            return tensor.view(batch, tokens, HEADS, -1).transpose(1, 2).reshape(batch * HEADS, tokens, -1)

        query, key, value = heads(self.q_proj(x)), heads(self.k_proj(x)), heads(self.v_proj(x))
        scores = torch.bmm(query * query.shape[-1] ** -0.5, key.transpose(1, 2)) + mask.to(query.dtype)
        mixed = torch.bmm(scores.softmax(dim=-1), value)
        return self.out_proj(mixed.view(batch, HEADS, tokens, -1).transpose(1, 2).reshape(x.shape))  # type: ignore[no-any-return]


class Perceptron(nn.Module):
    """Two linear layers with quick GELU between."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.fc1(x)
        return self.fc2(hidden * torch.sigmoid(1.702 * hidden))  # type: ignore[no-any-return]


class Layer(nn.Module):
    """Pre-normalised attention and perceptron, each residual."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn = Attention()
        self.layer_norm1 = nn.LayerNorm(WIDTH)
        self.mlp = Perceptron()
        self.layer_norm2 = nn.LayerNorm(WIDTH)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = x + self.self_attn(self.layer_norm1(x), mask)
        return x + self.mlp(self.layer_norm2(x))  # type: ignore[no-any-return]


class Embeddings(nn.Module):
    """Token and position tables."""

    def __init__(self) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(TOKENS, WIDTH)
        self.position_embedding = nn.Embedding(POSITIONS, WIDTH)
        nn.init.normal_(self.token_embedding.weight, std=0.02)
        nn.init.normal_(self.position_embedding.weight, std=0.01)


class Encoder(nn.Module):
    """The stack of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))


class TextModel(nn.Module):
    """(B, 77) token ids to (B, 77, 128) context; `skip` leaves out that many last layers (clip skip - 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = Embeddings()
        self.encoder = Encoder()
        self.final_layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, token_ids: torch.Tensor, skip: int = 0) -> torch.Tensor:
        return self.transform(self.embeddings.token_embedding(token_ids), skip)

    def transform(self, embedded: torch.Tensor, skip: int = 0) -> torch.Tensor:
        """The same from token vectors (B, 77, 128), positions not yet added."""
        tokens = embedded.shape[1]
        x = embedded + self.embeddings.position_embedding.weight[:tokens]
        mask = torch.full((tokens, tokens), float("-inf")).triu(1)
        for layer in self.encoder.layers[: LAYERS - skip]:
            x = layer(x, mask)
        return self.final_layer_norm(x)  # type: ignore[no-any-return]
