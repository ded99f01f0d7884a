"""What is asked of Slurm, as a person writes it."""

from __future__ import annotations

import re

import pytest

from workbench.core.clusters.errors import ClusterError
from workbench.core.clusters.settings import parse_slurm


def test_what_is_asked_for_gets_the_names_that_submitit_knows():
    given = "partition=gpu,account=lab,qos=long,gres=gpu:a100:1,gpus_per_node=1,"
    given += "cpus_per_task=4,mem=16G,nodelist=n[1-3,7],constraint=a100|h100,"
    given += "time=4:00:00,array_parallelism=8,signal_delay=60"
    assert parse_slurm(given) == {
        "slurm_partition": "gpu",
        "slurm_account": "lab",
        "slurm_qos": "long",
        "slurm_gres": "gpu:a100:1",
        "gpus_per_node": 1,
        "cpus_per_task": 4,
        "slurm_mem": "16G",
        "slurm_nodelist": "n[1-3,7]",
        "slurm_constraint": "a100|h100",
        "timeout_min": 240,
        "slurm_array_parallelism": 8,
        "slurm_signal_delay_s": 60,
    }


def test_nothing_asked_for_is_hours_and_two_minutes_to_end_in():
    assert parse_slurm(" ") == {"timeout_min": 240, "slurm_signal_delay_s": 120}


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("90", 90),
        ("90:00", 90),
        ("0:30", 1),
        ("4:00:00", 240),
        ("4:00:01", 241),
        ("1-0", 24 * 60),
        ("1-12:30", 36 * 60 + 30),
        ("1-00:00:00", 24 * 60),
    ],
)
def test_a_time_is_read_as_slurm_reads_it(written: str, minutes: int):
    assert parse_slurm(f"time={written}")["timeout_min"] == minutes


def test_a_short_job_is_told_of_its_end_in_the_middle():
    assert parse_slurm("time=1")["slurm_signal_delay_s"] == 30


def test_names_may_have_hyphens_and_lists_commas():
    assert parse_slurm("partition=a,b, cpus-per-task = 2") == {
        "slurm_partition": "a,b",
        "cpus_per_task": 2,
        **parse_slurm(""),
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("partiton=gpu", "there is no 'partiton'; did you mean partition?; there are"),
        ("nodes=2", "nodes=2 cannot be asked for: each worker is a job of one node"),
        ("exclusive", "'exclusive' is not KEY=VALUE, as in time=4:00:00"),
        ("qos=", "'qos=' is not KEY=VALUE"),
        ("time=4h", "time is minutes, hours:minutes:seconds or days-hours:"),
        ("time=٤", "time is minutes"),
        ("time=0:00", "time is at least a minute, not 0:00"),
        ("time=1,time=2", "time is given twice"),
        ("gpus_per_node=none", "gpus_per_node is a whole number from 1, not none"),
        ("cpus_per_task=0", "cpus_per_task is a whole number from 1, not 0"),
        ("mem=lots", "mem is a number with K, M, G or T, as in 16G, not lots"),
        ("time=1,signal_delay=60", "signal_delay=60 seconds leave nothing of the time"),
    ],
)
def test_what_cannot_be_understood_is_named_with_what_helps(given: str, said: str):
    with pytest.raises(ClusterError, match=re.escape(f"--slurm: {said}")):
        parse_slurm(given)
