"""What a run is called that nobody named."""

from __future__ import annotations

from workbench.core.config.naming import name_after, telling_name
from workbench.core.config.presets import find_preset, list_presets
from workbench.core.config.run_config import RunConfig

SINUSOIDS = RunConfig.from_dict(
    {
        "task": {"kind": "sinusoid"},
        "model": {"kind": "mlp"},
        "algorithm": {"kind": "reptile"},
    }
)


def test_a_name_tells_learner_task_and_what_is_not_the_default() -> None:
    assert telling_name(SINUSOIDS) == "Reptile, sinusoid"
    changed = SINUSOIDS.replace({"algorithm.inner_lr": 0.02})
    assert telling_name(changed) == "Reptile, sinusoid, inner lr 0.02"


def test_every_preset_has_a_name_of_its_own_with_its_learner() -> None:
    configs = {each.name: RunConfig.from_dict(each.config) for each in list_presets()}
    names = {name: telling_name(configs[name], name) for name in configs}
    assert len({*names.values()}) == len(names)
    for preset, name in names.items():
        assert name.startswith(configs[preset].algorithm.title)


def test_what_differs_from_the_preset_is_named_and_the_seed_is_last() -> None:
    preset = find_preset("omniglot-maml-5way-1shot")
    config = RunConfig.from_dict(preset.config)
    other = config.replace({"training.seed": 3, "algorithm.inner_lr": 0.1})
    assert telling_name(other, preset.name) == f"{preset.title}, inner lr 0.1, seed 3"
    wider = config.replace({"task.ways": 8})
    assert telling_name(wider, preset.name) == "MAML, Omniglot 8-way 1-shot"


def test_what_changes_no_result_is_not_named_and_many_changes_are_counted() -> None:
    assert telling_name(SINUSOIDS.replace({"training.engine": "loop"})) == (
        "Reptile, sinusoid"
    )
    many = {
        "algorithm.inner_lr": 0.3,
        "training.meta_batch": 2,
        "training.iterations": 5,
        "evaluation.steps": 3,
        "evaluation.tasks": 7,
        "training.seed": 4,
    }
    name = telling_name(SINUSOIDS.replace(many))
    assert name.startswith("Reptile, sinusoid, inner lr 0.3, ")
    assert name.endswith(", 2 settings more, seed 4")
    assert name.count(",") == 6


def test_a_preset_that_is_not_known_here_is_done_without() -> None:
    assert telling_name(SINUSOIDS, "somebody-elses") == "Reptile, sinusoid"


SHORT = SINUSOIDS.replace({"training.iterations": 200, "training.seed": 1})
LONGER = SHORT.replace({"training.iterations": 1000})


def test_a_name_of_ours_follows_the_configuration() -> None:
    assert telling_name(SHORT) == "Reptile, sinusoid, iterations 200, seed 1"
    longer = "Reptile, sinusoid, iterations 1,000, seed 1"
    assert name_after(telling_name(SHORT), SHORT, LONGER) == longer
    usual = SHORT.replace({"training.iterations": SINUSOIDS.training.iterations})
    assert name_after(telling_name(SHORT), SHORT, usual) == "Reptile, sinusoid, seed 1"
    assert name_after(telling_name(usual), usual, LONGER) == longer


def test_a_run_of_a_sweep_is_called_by_what_was_swept_still() -> None:
    swept = "Reptile, sinusoid, iterations 200, inner_steps 10, seed 1"
    now = "Reptile, sinusoid, iterations 1,000, inner_steps 10, seed 1"
    config = {"algorithm.inner_steps": 10}
    short, longer = SHORT.replace(config), LONGER.replace(config)
    assert name_after(swept, short, longer) == now
    usual = short.replace({"training.iterations": SINUSOIDS.training.iterations})
    assert name_after(swept.replace(", iterations 200", ""), usual, longer) == (
        "Reptile, sinusoid, inner_steps 10, iterations 1,000, seed 1"
    )


def test_a_given_name_stays_whatever_the_configuration_is() -> None:
    for name in (
        "mine",
        "mine, iterations 200",
        "Reptile, sinusoid, iterations 200, seed 1, the good one",
        "",
    ):
        assert name_after(name, SHORT, LONGER) == name
