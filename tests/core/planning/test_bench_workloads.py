"""What ``bench`` counts."""

from __future__ import annotations

import pytest

from workbench.core.planning.bench_workloads import covered


@pytest.mark.parametrize(
    ("spans", "share"),
    [
        ([(2.0, 4.0)], 1.0),
        ([(0.0, 1.0), (3.0, 4.0)], 0.5),
        ([(3.0, 4.0), (0.0, 2.0), (1.0, 2.0), (0.5, 1.0)], 0.75),
        ([], 0.0),
    ],
)
def test_time_is_counted_once_however_many_kernels_share_it(spans, share) -> None:
    assert covered(spans) == share
