"""Which device to compute on, and what it has used."""

from __future__ import annotations

import gc
import platform
import sys

from workbench.core.base.errors import Remedy, RemedyKind, WorkbenchError
from workbench.core.base.lazy import torch
from workbench.core.base.memory import available_bytes


class DeviceError(WorkbenchError, ValueError):
    """A device that is not here; the message says which are."""


class OutOfMemoryThere(MemoryError):
    """Memory ran out in another process; ``where`` names its device."""

    def __init__(self, text: str, where: str) -> None:
        super().__init__(text)
        self.where = where


def choose_device(name: str) -> torch.device:
    """Return the named device; ``auto`` is a GPU where there is one."""
    has_cuda = torch.cuda.is_available()
    if name == "auto":
        name = "cuda" if has_cuda else "cpu"
    if name == "cuda" and not has_cuda:
        raise DeviceError(
            "device 'cuda': PyTorch sees no GPU here: a CUDA build of it and its "
            "driver are needed",
            Remedy(kind=RemedyKind.OTHER_DEVICE, subject="cpu"),
        )
    if name not in ("cpu", "cuda"):
        raise DeviceError(f"device {name!r} is not one of auto, cpu, cuda")
    if name == "cuda":
        _be_exact()
    return torch.device(name)


def _be_exact() -> None:
    """Have a GPU's convolutions keep all digits, and say the same every time.

    As torch comes they round what they multiply to ten bits, and some of their
    gradients add up in whatever order threads finish.
    """
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True


def describe(device: torch.device) -> str:
    """Return the device in words."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads()
    cores = "1 thread" if threads == 1 else f"{threads} threads"
    return f"CPU, {cores} ({platform.machine()})"


def peak_memory_mb(device: torch.device) -> float:
    """Return the most memory used so far: the GPU's, or this process's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    if sys.platform == "win32":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def available_memory(device: torch.device) -> int:
    """Return the bytes that are free: on the GPU, or to this process."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return available_bytes()


def forget_peak(device: torch.device) -> None:
    """Count a GPU's peak anew: what earlier runs of this process took is not ours."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def give_memory_back() -> None:
    """Leave the GPU memory that nothing uses any more to other programs."""
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        gc.collect()
        torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out, on a GPU or here."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(
        said in str(error)
        for said in ("allocate memory", "out of memory", "STATUS_ALLOC_FAILED")
    )
