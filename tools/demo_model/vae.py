"""The demo checkpoint's KL-f8 autoencoder, with the parameter names of LDM's `first_stage_model`."""

from __future__ import annotations

import torch
from torch import nn

from .layers import VaeAttentionBlock, VaeResnetBlock, normalisation

CHANNELS = (64, 64, 96, 96)
BLOCKS = 1
LATENT_CHANNELS = 4
SCALING_FACTOR = 0.18215


class _Level(nn.Module):
    def __init__(self, inputs: int, outputs: int, blocks: int) -> None:
        super().__init__()
        self.block = nn.ModuleList(VaeResnetBlock(inputs if i == 0 else outputs, outputs) for i in range(blocks))


class _Resample(nn.Module):
    def __init__(self, channels: int, down: bool) -> None:
        super().__init__()
        self.down = down
        self.conv = nn.Conv2d(channels, channels, 3, stride=2 if down else 1, padding=0 if down else 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.down:
            return self.conv(nn.functional.pad(x, (0, 1, 0, 1)))
        return self.conv(nn.functional.interpolate(x, scale_factor=2.0, mode="nearest"))


class _Middle(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block_1 = VaeResnetBlock(channels, channels)
        self.attn_1 = VaeAttentionBlock(channels)
        self.block_2 = VaeResnetBlock(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block_2(self.attn_1(self.block_1(x)))


class Encoder(nn.Module):
    """(B, 3, H, W) in -1..1 to (B, 8, H/8, W/8)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(3, CHANNELS[0], 3, padding=1)
        self.down = nn.ModuleList()
        inputs = CHANNELS[0]
        for index, outputs in enumerate(CHANNELS):
            level = _Level(inputs, outputs, BLOCKS)
            if index < len(CHANNELS) - 1:
                level.downsample = _Resample(outputs, down=True)
            self.down.append(level)
            inputs = outputs
        self.mid = _Middle(inputs)
        self.norm_out = normalisation(inputs, 1e-6)
        self.conv_out = nn.Conv2d(inputs, 2 * LATENT_CHANNELS, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv_out(self.norm_out(self.mid(self.sink(x)), silu=True))

    def sink(self, x: torch.Tensor) -> torch.Tensor:
        """From pixels to the middle's features."""
        x = self.conv_in(x)
        for level in self.down:
            for block in level.block:
                x = block(x)
            if hasattr(level, "downsample"):
                x = level.downsample(x)
        return x


class Decoder(nn.Module):
    """(B, 4, h, w) to (B, 3, 8h, 8w)."""

    def __init__(self) -> None:
        super().__init__()
        inputs = CHANNELS[-1]
        self.conv_in = nn.Conv2d(LATENT_CHANNELS, inputs, 3, padding=1)
        self.mid = _Middle(inputs)
        levels: list[nn.Module] = []
        for index in reversed(range(len(CHANNELS))):
            level = _Level(inputs, CHANNELS[index], BLOCKS + 1)
            if index > 0:
                level.upsample = _Resample(CHANNELS[index], down=False)
            levels.insert(0, level)
            inputs = CHANNELS[index]
        self.up = nn.ModuleList(levels)
        self.norm_out = normalisation(inputs, 1e-6)
        self.conv_out = nn.Conv2d(inputs, 3, 3, padding=1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.rise(self.mid(self.conv_in(z)))

    def rise(self, x: torch.Tensor) -> torch.Tensor:
        """From the middle's features to pixels."""
        for level in reversed(self.up):
            for block in level.block:
                x = block(x)
            if hasattr(level, "upsample"):
                x = level.upsample(x)
        return self.conv_out(self.norm_out(x, silu=True))


class AutoencoderKL(nn.Module):
    """Encoder, decoder and the two 1x1 convolutions between; latents are not yet multiplied by 0.18215."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()
        self.quant_conv = nn.Conv2d(2 * LATENT_CHANNELS, 2 * LATENT_CHANNELS, 1)
        self.post_quant_conv = nn.Conv2d(LATENT_CHANNELS, LATENT_CHANNELS, 1)

    @torch.no_grad()
    def start_precise(self, log_variance: float) -> None:
        """Makes a fresh encoder promise this log variance, so that the decoder hears the latents from the first step."""
        assert self.quant_conv.bias is not None
        self.quant_conv.weight[LATENT_CHANNELS:] *= 0.1
        self.quant_conv.bias[LATENT_CHANNELS:] = log_variance

    def encode(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log variance of the latents, each (B, 4, H/8, W/8)."""
        mean, log_variance = self.quant_conv(self.encoder(pixels)).chunk(2, dim=1)
        return mean, log_variance.clamp(-30.0, 20.0)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Pixels (B, 3, H, W), about -1..1."""
        return self.decoder(self.post_quant_conv(latents))
