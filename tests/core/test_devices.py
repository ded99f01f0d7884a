"""A GPU computes with all digits, and the same ones every time."""

from __future__ import annotations

import torch

from workbench.core.devices import choose_device


def test_a_gpu_is_told_to_be_exact(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    assert choose_device("auto").type == "cuda"
    assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.deterministic
