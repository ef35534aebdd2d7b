"""The networks of ESRGAN and Real-ESRGAN, with the names of their tensors."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from extensions.upscaler_files.layout import Layout

RESIDUAL = 0.2
SLOPE = 0.2


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees everything before it; ESRGAN+ (arXiv:2001.08073) has a shortcut of 1 x 1 more."""

    def __init__(self, features: int, growth: int, *, has_1x1: bool) -> None:
        super().__init__()
        for number in range(1, 6):
            made = growth if number < 5 else features
            setattr(self, f"conv{number}", nn.Conv2d(features + (number - 1) * growth, made, 3, padding=1))
        self.conv1x1 = nn.Conv2d(features, growth, 1, bias=False) if has_1x1 else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, features, h, w) to the same shape."""
        found = [x]
        for number in range(1, 5):
            layer: nn.Module = getattr(self, f"conv{number}")
            made = functional.leaky_relu(layer(torch.cat(found, 1)), SLOPE)
            if self.conv1x1 is not None and number == 2:
                made = made + self.conv1x1(x)
            elif self.conv1x1 is not None and number == 4:
                made = made + found[2]
            found.append(made)
        last: nn.Module = self.conv5  # type: ignore[assignment]
        return last(torch.cat(found, 1)) * RESIDUAL + x  # type: ignore[no-any-return]


class ResidualBlock(nn.Module):
    """Three dense blocks."""

    def __init__(self, features: int, growth: int, *, has_1x1: bool) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (DenseBlock(features, growth, has_1x1=has_1x1) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        """(B, features, h, w) to the same shape."""
        return self.rdb3(self.rdb2(self.rdb1(x))) * RESIDUAL + x  # type: ignore[no-any-return]


class Esrgan(nn.Module):
    """ESRGAN's generator; with ``shuffle`` the picture is first folded into channels, as Real-ESRGAN's x1 and x2 do."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        width, self.shuffle = layout.features, layout.shuffle
        self.conv_first = nn.Conv2d(layout.channels * layout.shuffle**2, width, 3, padding=1)
        self.body = nn.Sequential(*(ResidualBlock(width, layout.growth, has_1x1=layout.has_1x1) for _ in range(layout.blocks)))
        self.conv_body = nn.Conv2d(width, width, 3, padding=1)
        self.ups = [f"conv_up{number}" for number in range(1, layout.ups + 1)]
        for name in self.ups:
            setattr(self, name, nn.Conv2d(width, width, 3, padding=1))
        self.conv_hr = nn.Conv2d(width, width, 3, padding=1)
        self.conv_last = nn.Conv2d(width, layout.channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) in 0..1 to (B, C, scale h, scale w); for ``shuffle`` h and w are multiples of it."""
        x = functional.pixel_unshuffle(x, self.shuffle) if self.shuffle > 1 else x
        found = self.conv_first(x)
        found = found + self.conv_body(self.body(found))
        for name in self.ups:
            layer: nn.Module = getattr(self, name)
            found = functional.leaky_relu(layer(functional.interpolate(found, scale_factor=2, mode="nearest")), SLOPE)
        return self.conv_last(functional.leaky_relu(self.conv_hr(found), SLOPE))  # type: ignore[no-any-return]


class Compact(nn.Module):
    """Real-ESRGAN's compact network: what is to be added to the nearest pixels."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        width, self.scale = layout.features, layout.scale
        self.body = nn.ModuleList([nn.Conv2d(layout.channels, width, 3, padding=1), nn.PReLU(width)])
        for _ in range(layout.blocks):
            self.body.extend([nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width)])
        self.body.append(nn.Conv2d(width, layout.channels * layout.scale**2, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) in 0..1 to (B, C, scale h, scale w)."""
        found = x
        for layer in self.body:
            found = layer(found)
        return functional.pixel_shuffle(found, self.scale) + functional.interpolate(x, scale_factor=self.scale, mode="nearest")


def network_of(layout: Layout) -> nn.Module:
    """The empty network of a layout, without memory for its weights."""
    with torch.device("meta"):
        return Esrgan(layout) if layout.family == "rrdb" else Compact(layout)
