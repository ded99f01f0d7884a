"""The configuration: lossless in TOML, and clear about every mistake."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.made_runs import SMALL, small_config
from workbench.core.config.presets import find_preset, list_presets, load_config
from workbench.core.config.run_config import (
    ConfigError,
    Mistake,
    RunConfig,
    kinds,
    parse_override,
    read_toml,
    section_models,
)
from workbench.core.config.sections import titled_text

PRESETS = [preset.name for preset in list_presets()]


def mistakes(**overrides):
    with pytest.raises(ConfigError) as caught:
        small_config(**overrides)
    return {mistake.field: mistake.message for mistake in caught.value.mistakes}


def omniglot(**overrides):
    values = {"task": {"kind": "omniglot"}, "model": {"kind": "conv4"}}
    dotted = {name.replace("__", "."): value for name, value in overrides.items()}
    return RunConfig.from_dict(SMALL | values).replace(dotted)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_valid_and_survives_toml(name):
    config = RunConfig.from_dict(find_preset(name).config)
    assert RunConfig.from_toml(config.to_toml()) == config


def test_no_value_survives_toml_where_the_default_is_a_value():
    config = small_config(algorithm__kind="reptile", algorithm__batch=None)
    assert RunConfig.from_toml(config.to_toml()).algorithm.batch is None


@given(
    rate=st.floats(1e-300, 1e300),
    hidden=st.lists(st.integers(1, 500), min_size=1, max_size=4),
    seed=st.integers(0, 2**31 - 1),
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_toml_is_lossless(rate, hidden, seed):
    config = small_config(
        algorithm__inner_lr=rate, model__hidden=hidden, training__seed=seed
    )
    assert RunConfig.from_toml(config.to_toml()) == config


@pytest.mark.parametrize(
    "section", ["task", "model", "algorithm", "training", "evaluation"]
)
def test_every_field_has_a_title_and_a_help_line(section):
    for model in section_models(section):
        for name, field in model.model_fields.items():
            if name != "kind":
                assert field.title, f"{model.__name__}.{name}"
                assert field.description, f"{model.__name__}.{name}"


def test_a_configuration_is_frozen():
    with pytest.raises(ValueError, match=r"frozen"):
        small_config().training.seed = 3


def test_a_misspelt_field_suggests_the_nearest():
    found = mistakes(algorithm__inner_lrr=0.1)
    assert "did you mean algorithm.inner_lr?" in found["algorithm.inner_lrr"]


def test_a_misspelt_field_in_a_file_suggests_the_nearest():
    with pytest.raises(
        ConfigError, match=r"training\.sede.*did you mean training\.seed"
    ):
        RunConfig.from_dict(SMALL | {"training": {"sede": 1}})


def test_a_misspelt_section_suggests_the_nearest():
    with pytest.raises(ConfigError, match=r"trianing.*did you mean training\?"):
        RunConfig.from_dict(SMALL | {"trianing": {}})


def test_a_misspelt_kind_lists_what_there_is():
    found = mistakes(algorithm__kind="mamll")
    assert (
        "'mamll' is not one of maml, fomaml, reptile, meta-sgd"
        in found["algorithm.kind"]
    )
    assert "did you mean maml?" in found["algorithm.kind"]


def test_a_value_out_of_range_names_field_value_and_limit():
    assert mistakes(training__meta_lr=-1) == {
        "training.meta_lr": "must be above 0, not -1"
    }


def test_every_mistake_is_found_at_once():
    found = mistakes(training__meta_lr=-1, evaluation__tasks="many")
    assert set(found) == {"training.meta_lr", "evaluation.tasks"}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(value):
    assert "training.meta_lr" in mistakes(training__meta_lr=value)


def test_a_model_of_images_does_not_go_with_a_regression():
    assert "takes images" in mistakes(model__kind="conv4")["model.kind"]


def test_a_shared_head_does_not_go_with_a_regression():
    assert "no classes" in mistakes(model__head="shared")["model.head"]


def test_more_ways_than_classes_are_refused_before_anything_is_loaded():
    with pytest.raises(ConfigError, match=r"task\.ways: 700 ways, but the validation"):
        omniglot(task__ways=700)


def test_more_examples_than_a_class_has_are_refused():
    with pytest.raises(ConfigError, match=r"5 shots \+ 16 queries = 21"):
        omniglot(task__shots=5, task__queries=16)


def test_what_is_drawn_at_test_is_checked_as_well():
    with pytest.raises(ConfigError, match=r"validation split has 20 examples"):
        omniglot(task__queries=5, evaluation__queries=20)


def test_another_kind_keeps_the_fields_it_shares():
    config = small_config(algorithm__inner_steps=7).replace(
        {"algorithm.kind": "reptile"}
    )
    assert (config.algorithm.kind, config.algorithm.inner_steps) == ("reptile", 7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("algorithm.inner_lr=0.4", ("algorithm.inner_lr", 0.4)),
        ("model.hidden=[3, 4]", ("model.hidden", [3, 4])),
        ("evaluation.transductive=false", ("evaluation.transductive", False)),
        ("model.norm=batch", ("model.norm", "batch")),
        ("training.meta_clip=none", ("training.meta_clip", "none")),
        ("task.pictures=2026-01-31", ("task.pictures", "2026-01-31")),
    ],
)
def test_an_override_is_a_field_and_a_value(text, expected):
    assert parse_override(text) == expected


def test_an_override_without_a_value_says_how_to_write_it():
    with pytest.raises(ConfigError, match=r"write it as section\.field=value"):
        parse_override("algorithm.inner_lr")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"[task", "not valid TOML"), (b"\xff\xfe\x00", "not a text file")],
)
def test_a_file_that_is_no_configuration_is_named(tmp_path, content, message):
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_config(str(path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read .*gone.toml: No such file"):
        load_config(str(tmp_path / "gone.toml"))


def test_a_misspelt_preset_suggests_the_nearest():
    with pytest.raises(ConfigError, match=r"did you mean sinusoid-quick"):
        find_preset("sinusoid-quik")


def test_learners_are_listed_in_the_order_of_their_papers():
    listed = ["maml", "fomaml", "reptile", "meta-sgd", "imaml", "anil"]
    assert list(kinds("algorithm"))[:6] == listed


def test_a_learner_that_needs_classes_is_refused_where_there_are_none():
    found = mistakes(algorithm__kind="protonet")
    assert "has no classes, which Prototypical networks" in found["algorithm.kind"]
    assert "choose another learner" in found["algorithm.kind"]
    assert omniglot(algorithm__kind="protonet")


def test_no_more_inner_gradients_are_averaged_than_there_are():
    averaged = {"algorithm__kind": "inner-gradients", "algorithm__averaged": 3}
    found = mistakes(**averaged, algorithm__inner_steps=2)
    assert "averaged 3 is above inner_steps 2" in found["algorithm"]
    assert small_config(**averaged, algorithm__inner_steps=3)


def test_a_learner_of_what_all_tasks_share_is_refused_where_they_share_nothing():
    with pytest.raises(ConfigError, match="numbers its classes anew in every task"):
        omniglot(algorithm__kind="joint")
    assert small_config(algorithm__kind="joint")


def test_a_learner_whose_inner_loop_is_fixed_has_no_such_settings():
    fixed = omniglot(algorithm__kind="protonet")
    assert fixed.to_toml().count("inner") == 0
    assert fixed.algorithm.inner_steps == 1
    with pytest.raises(ConfigError, match=r"algorithm\.inner_steps: there is no such"):
        fixed.replace({"algorithm.inner_steps": 2})


@pytest.mark.parametrize("value", ["none", "None", ""])
def test_none_is_no_value_where_there_may_be_none(value):
    changes = dict([parse_override(f"training.meta_clip={value}")])
    assert small_config(training__meta_clip=3).replace(changes) == small_config()


def test_none_is_a_choice_where_it_is_one():
    changes = dict(map(parse_override, ("model.norm=none", "task.rotation=none")))
    config = omniglot().replace(changes)
    assert (config.model.norm, config.task.rotation) == ("none", "none")


def test_nothing_is_no_value_for_a_field_that_needs_one():
    found = mistakes(**dict([parse_override("training__iterations=")]))
    assert found == {"training.iterations": "is empty: give a value"}


@pytest.mark.parametrize("kind", [[1], {"a": 1}, 5])
def test_a_kind_that_is_no_name_is_not_one_of_the_kinds(kind):
    assert "is not one of" in mistakes(task__kind=kind)["task.kind"]


def test_a_section_without_its_kind_lacks_it():
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_toml("[task]\nkind = 'sinusoid'\n[algorithm]\n")
    assert "algorithm.kind: is missing: one of maml, " in str(caught.value)


@pytest.mark.parametrize("section", ["task", "training"])
def test_a_section_that_is_a_number_is_said_in_plain_words(section):
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_dict(SMALL | {section: 5})
    (mistake,) = caught.value.mistakes
    assert mistake == (section, "5 is not a section with fields of its own")


@pytest.mark.parametrize("units", [0, -4, 20_000])
def test_every_layer_has_some_units_and_not_too_many(units):
    assert list(mistakes(model__hidden=[8, units])) == ["model.hidden"]


def test_what_is_wrong_with_every_layer_is_said_once():
    found = mistakes(model__hidden=[1_000_000, 1_000_000])
    assert found == {"model.hidden": "must be at most 10,000, not 1,000,000"}
    with pytest.raises(ConfigError) as caught:
        small_config(model__hidden=[1_000_000, 0])
    assert str(caught.value).count("model.hidden") == 2


def test_nesting_without_end_is_a_mistake_and_no_crash(tmp_path):
    path = tmp_path / "deep.toml"
    path.write_text("a = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(ConfigError, match=r"deep\.toml is not valid TOML"):
        load_config(str(path))
    assert parse_override("task.kind=" + "[" * 5000)[0] == "task.kind"


def test_what_is_no_toml_names_its_file(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("[task")
    with pytest.raises(
        ConfigError, match=r"broken\.toml is not valid TOML: .*end of doc"
    ):
        load_config(str(path))


def test_a_preset_that_is_no_section_is_a_mistake(tmp_path):
    path = tmp_path / "odd.toml"
    path.write_text(f'preset = "{"x" * 5000}"\n')
    with pytest.raises(ConfigError, match=r"preset: 'xxx.*not a section") as raised:
        load_config(str(path))
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"task__shots": 1}, "task.shots"),
        ({"evaluation__shots": 1}, "task.shots"),
        ({"task__queries": 1}, "task.queries"),
        ({"evaluation__queries": 1}, "evaluation.queries"),
        ({"algorithm__kind": "reptile", "algorithm__batch": 1}, "algorithm.batch"),
    ],
)
def test_batch_norm_needs_more_than_one_example(changes, field):
    found = mistakes(model__norm="batch", **changes)
    assert "batch norm needs two examples" in found[field]
    assert small_config(model__norm="layer", **changes)


def test_pooling_must_leave_something_of_a_picture():
    conv4 = kinds("model")["conv4"]
    assert "nothing is left of 14 x 28" in conv4(downsample="max-pool").refusal(
        (1, 14, 28)
    )
    assert conv4(downsample="max-pool").refusal((1, 16, 16)) is None
    assert conv4(downsample="stride").refusal((1, 2, 2)) is None


def test_one_model_s_layers_are_not_taken_for_another_s():
    config = omniglot(model__kind="mlp", model__hidden=[8])
    assert config.replace({"model.kind": "conv4"}).model.hidden_units is None


def test_a_number_of_thousands_of_digits_is_a_mistake_like_others():
    digits = "7" * 5000
    with pytest.raises(ConfigError, match=r"not valid TOML: .*5000 digits"):
        RunConfig.from_toml(f"[training]\nseed = {digits}")
    name, value = parse_override(f"training.seed={digits}")
    with pytest.raises(ConfigError, match=r"training\.seed"):
        small_config().replace({name: value})


@pytest.mark.parametrize(
    "line",
    [
        "deep = " + 5000 * "[" + 5000 * "]",
        ".".join(5000 * ["a"]) + " = 1",
        "[" + ".".join(5000 * ["task"]) + "]",
        "task.ways = {" + ".".join(5000 * ["a"]) + " = 1}",
    ],
    ids=["lists", "dots", "table", "inline"],
)
def test_what_is_nested_thousands_deep_is_named_in_a_line(tmp_path, line):
    file = tmp_path / "deep.toml"
    file.write_text(line)
    with pytest.raises(ConfigError, match=r"deep\.toml is not valid TOML: nested") as e:
        RunConfig.from_dict(read_toml(file))
    assert len(str(e.value)) < 300


def test_a_long_value_is_told_in_short():
    name, value = parse_override("task.shots=" + 5000 * "[")
    with pytest.raises(ConfigError, match=r"task\.shots: '\[\[\[") as raised:
        small_config().replace({name: value})
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("algorithm.inner_lr", "Inner learning rate: is odd"),
        ("algorithm.kind", "Learner: is odd"),
        ("algorithm", "Learner: is odd"),
        ("algorithm.inner_rl", "algorithm.inner_rl: is odd"),
        ("learner.inner_lr", "learner.inner_lr: is odd"),
        ("", "is odd"),
    ],
)
def test_what_is_wrong_is_said_of_a_field_by_its_title(field, said):
    assert titled_text(Mistake(field, "is odd")) == said


@pytest.mark.parametrize(
    "text",
    [
        "a." * 200_000 + "b = 1",
        'x = {"a".' + "a . " * 99_999 + "a = 1}",
        "x = [0x" + "f" * 5000,
    ],
)
def test_what_takes_for_ever_to_read_or_cannot_be_said_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"not valid TOML: (nested deeper|a number)"):
        RunConfig.from_toml(text)
