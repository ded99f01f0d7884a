"""Members from elsewhere: which are taken, and which are refused with what words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from workbench.algorithms.maml import Maml
from workbench.core.base.plugins import MemberError, Origin
from workbench.core.base.settings import setting
from workbench.core.config import members
from workbench.core.config.run_config import ConfigError, RunConfig
from workbench.core.learning.meta_learner import MetaLearner


class Own(Maml):
    """A learner of somebody else."""

    title = "Own"
    kind: Literal["own"] = "own"  # type: ignore[assignment]


class Headstrong(Maml):
    """One that leaves the head as it is."""

    kind: Literal["headstrong"] = "headstrong"  # type: ignore[assignment]
    adapts_head = False


class Twin(Maml):
    """Another of the same kind."""

    kind: Literal["own"] = "own"  # type: ignore[assignment]


class Heir(Maml):
    """One that keeps the kind of its parent."""


class Silent(MetaLearner):
    """One that says nothing of what a learner must."""

    kind: Literal["silent"] = "silent"


class Kindless(Maml):
    """One whose kind is any text."""

    kind: str = "kindless"  # type: ignore[assignment]


class Needy(Maml):
    """One that cannot be without being told something."""

    kind: Literal["needy"] = "needy"  # type: ignore[assignment]
    much: float


class Wrong(Maml):
    """One whose default is none of its values."""

    kind: Literal["wrong"] = "wrong"  # type: ignore[assignment]
    inner_steps: int = setting(0, "Inner steps", "None at all.", ge=1)


class Unfinished(Maml):
    """One with a field of a type that nobody knows."""

    kind: Literal["unfinished"] = "unfinished"  # type: ignore[assignment]
    much: Nowhere = None  # noqa: F821


class Namesake(Maml):
    """One with the kind of ours."""

    kind: Literal["anil"] = "anil"  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def no_trace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(members, "_admitted", {name: {} for name in members._SETS})
    yield
    monkeypatch.undo()
    RunConfig.take_new_kinds()


def configuration(learner: str) -> dict[str, dict[str, str]]:
    return {
        "task": {"kind": "sinusoid"},
        "model": {"kind": "mlp"},
        "algorithm": {"kind": learner},
    }


def test_a_class_registered_by_hand_is_a_choice_like_ours() -> None:
    assert members.register(Own) == "algorithm"
    RunConfig.take_new_kinds()
    config = RunConfig.from_dict(configuration("own"))
    assert isinstance(config.algorithm, Own)
    assert RunConfig.from_toml(config.to_toml()) == config
    assert members.kinds("algorithm")["own"] is Own
    source = members.origin("algorithm", "own")
    assert source == Origin(module=__name__, name="Own")
    assert members.origin("algorithm", "maml") is None


def test_a_learner_that_leaves_the_head_as_it_is_cannot_do_with_a_shared_one() -> None:
    members.register(Headstrong)
    RunConfig.take_new_kinds()
    values = {"task": {"kind": "glyphs"}, "algorithm": {"kind": "headstrong"}}
    assert RunConfig.from_dict(values | {"model": {"kind": "mlp"}})
    with pytest.raises(ConfigError, match=r"model\.head: all classes begin with"):
        RunConfig.from_dict(values | {"model": {"kind": "mlp", "head": "shared"}})


def test_a_class_that_is_defined_again_takes_its_own_place() -> None:
    members.register(Own)
    again = type(
        "Own",
        (Own,),
        {"__module__": __name__, "__qualname__": "Own"}
        | {"__annotations__": {"kind": Literal["own"]}, "kind": "own"},
    )
    members.register(again)
    assert members.kinds("algorithm")["own"] is again


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (Heir, "Heir keeps the kind of Maml, and would be taken for it"),
        (Silent, "Silent does not say title, paper, order, memory, update_rule, adapt"),
        (Kindless, "Kindless has no kind: declare it as in kind: Literal"),
        (Needy, "Needy has no default for much: give it one"),
        (Wrong, "Wrong fails with its defaults: "),
        (Unfinished, "Unfinished fails with its defaults: .* not fully defined"),
        (Namesake, "Namesake and Anil of workbench.algorithms.anil both have the kind"),
        (int, "int is none of TaskSettings, ModelSettings, MetaLearner"),
    ],
)
def test_what_cannot_be_a_member_is_refused_by_name(member: type, why: str) -> None:
    with pytest.raises(MemberError, match=why):
        members.register(member)
    assert not any(members._admitted.values())


def test_two_of_one_kind_are_refused() -> None:
    members.register(Own)
    with pytest.raises(
        MemberError, match=r"Twin and Own of .* both have the kind 'own'"
    ):
        members.register(Twin)
    assert members.kinds("algorithm")["own"] is Own
