"""``evaluate``: adapts a trained run to new tasks and says how well it does."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workbench.cli._arguments import add_usual_arguments, whole
from workbench.cli._display import flat_score, manner
from workbench.cli._progress import progress
from workbench.core.base.figures import number
from workbench.core.base.folders import data_folder, runs_folder
from workbench.core.base.json_text import to_text
from workbench.core.base.measure import Measure
from workbench.core.config.run_config import ConfigError, Mistake, parse_override
from workbench.core.results.score_text import score_text
from workbench.core.runs.search import find_run
from workbench.core.runs.store import RunFolder

if TYPE_CHECKING:
    from workbench.core.training.evaluation import Evaluation
    from workbench.core.training.trained import Trained


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "run_name", metavar="RUN", help="a run's folder, name or id, or 'bundled'"
    )
    parser.add_argument("--tasks", type=whole, help="number of tasks (else the run's)")
    parser.add_argument("--steps", type=whole, help="inner steps (else the run's)")
    parser.add_argument(
        "--views", type=whole, help="views of each picture (else the run's)"
    )
    parser.add_argument(
        "--split", default="test", choices=["train", "validation", "test"]
    )
    parser.add_argument("--ways", type=whole, help="classes in a task (else the run's)")
    parser.add_argument("--shots", type=whole, help="support examples (else the run's)")
    parser.add_argument("--queries", type=whole, help="query examples (else the run's)")
    parser.add_argument(
        "--one-at-a-time",
        action="store_true",
        help="each query alone beside the support set, instead of the run's way",
    )
    parser.add_argument(
        "--within-alphabet",
        action="store_true",
        help="all classes of a task from one alphabet",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a field of task or evaluation, as in --set task.kind=omniglot "
        "to test on other data; may be repeated",
    )
    parser.add_argument("--seed", type=whole, default=0, help="seed of the tasks")
    parser.add_argument(
        "--checkpoint", default="best", choices=["best", "latest"], help="which one"
    )
    add_usual_arguments(parser, "device", "runs", "data", "json")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print the scores."""
    from workbench.core.base.devices import choose_device, describe
    from workbench.core.spreading.starting import as_trained, follow_launched
    from workbench.core.training.judging import evaluate, under
    from workbench.core.training.trained import Trained

    if follow_launched():
        return 0
    folder = find_run(arguments.run_name, runs_folder(arguments.runs))
    device = choose_device(arguments.device)
    trained = Trained.load(folder, arguments.checkpoint, device)
    if arguments.one_at_a_time and trained.config.task.problem == "reinforcement":
        message = f"{trained.config.task.title} has no queries; leave it out"
        raise ConfigError([Mistake("--one-at-a-time", message)])
    trained = under(trained, _changes(arguments))
    with (
        progress("Evaluating", quiet=arguments.json) as show,
        as_trained(folder, trained.config, arguments.device, warn_of) as engine,
    ):
        result = evaluate(
            trained,
            data=data_folder(arguments.data),
            device=device,
            split=arguments.split,
            seed=arguments.seed,
            progress=show,
            engine=engine,
        )
    warn(result)
    keep(folder, trained, result, arguments.checkpoint, describe(device))
    record = recorded(result, str(folder.path), trained.step)
    if arguments.json:
        sys.stdout.write(to_text(record) + "\n")
    else:
        _print(record)
    return 0


def warn(result: Evaluation) -> None:
    """Say on the error stream what the scores are worth less for."""
    seen = result.classes_seen_in_training
    if seen and result.split != "train":
        sys.stderr.write(
            f"warning: {seen} classes of the {result.split} split were in this run's "
            "training: the score is too good\n"
        )
    lost = [score.step for score in result.by_step if not math.isfinite(score.loss)]
    if lost:
        sys.stderr.write(
            f"warning: the inner loop diverges: from inner step {lost[0]} on a task's "
            "loss is not finite. Ask for fewer --steps, or train with a lower inner "
            "learning rate\n"
        )


def warn_of(said: str) -> None:
    """Say a warning on the error stream."""
    sys.stderr.write(f"warning: {said}\n")


def keep(
    folder: RunFolder, trained: Trained, result: Evaluation, which: str, device: str
) -> None:
    """Keep the result in the run's folder; one that is read-only goes without."""
    from workbench.core.training.keeping import keep_evaluation

    try:
        keep_evaluation(
            folder,
            trained.config,
            result,
            meta_step=trained.step,
            device=device,
            checkpoint=which,
        )
    except OSError as error:
        sys.stderr.write(f"not kept in {folder.path}: {error.strerror}\n")


def _changes(arguments: argparse.Namespace) -> dict[str, Any]:
    asked = {
        "task.ways": arguments.ways,
        "task.within_alphabet": arguments.within_alphabet or None,
        "evaluation.shots": arguments.shots,
        "evaluation.queries": arguments.queries,
        "evaluation.steps": arguments.steps,
        "evaluation.views": arguments.views,
        "evaluation.tasks": arguments.tasks,
        "evaluation.transductive": False if arguments.one_at_a_time else None,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return dict(parse_override(text) for text in arguments.set) | given


def recorded(evaluation: Evaluation, run: str = "", step: int = 0) -> dict[str, Any]:
    """Return what is said of an evaluation, but for each task's own scores."""
    result = asdict(evaluation)
    by_step = result.pop("by_step")
    del result["query_loss"], result["query_accuracy"]
    scores = [
        {**flat_score(of), "ci95": score.ci95}
        for of, score in zip(by_step, evaluation.by_step, strict=True)
    ]
    final, measure = scores[-1], evaluation.final.measure
    judged = Measure.RETURN if measure is Measure.RETURN else Measure.ACCURACY
    return {
        "run": run,
        "step": step,
        "measure": measure,
        judged: final[judged],
        "ci95": final["ci95"],
        "loss": final["loss"],
        "by_step": scores,
        **result,
    }


def _print(record: dict[str, Any]) -> None:
    sys.stdout.write(f"{record['run']}\n{printed(record)}")


def printed(record: dict[str, Any]) -> str:
    """Return the scores as lines of text, one an inner step."""
    lines = [_line(heads(record)), *map(_line, rows(record))]
    return "".join(f"{line}\n" for line in (title(record), *lines))


def title(record: dict[str, Any]) -> str:
    """Return what was evaluated on."""
    how = manner(record["transductive"], record["views"], record["measure"])
    ways = f"{record['ways']}-way " if record["ways"] else ""
    shots = ways + record["measure"].learned_from(record["shots"])
    return (
        f"{record['tasks']} {record['split']} tasks, {shots}{how}, "
        f"norm {record['norm']}"
    )


def heads(record: dict[str, Any]) -> tuple[str, ...]:
    """Return what the scores of an inner step are called."""
    if record["measure"] is Measure.RETURN:
        return ("step", Measure.RETURN, *record["by_step"][-1]["figures"])
    is_regression = record["measure"] is Measure.LOSS
    beside = ("median", "middle 98 %", "diverged") if is_regression else ("accuracy",)
    return ("step", "loss", *beside)


def rows(record: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the scores of each inner step in words."""
    of_return = record["measure"] is Measure.RETURN
    for score in record["by_step"]:
        texts = _return_and_figures(score) if of_return else _loss_and_beside(score)
        yield (str(score["step"]), *texts)


def _return_and_figures(score: dict[str, Any]) -> tuple[str, ...]:
    text = score_text(score["return"], score["ci95"], Measure.RETURN)
    return (text, *map(number, score["figures"].values()))


def _loss_and_beside(score: dict[str, Any]) -> tuple[str, ...]:
    loss = score_text(score["loss"], score["loss_ci95"], Measure.LOSS)
    return (loss, *_beside_loss(score))


def _line(texts: tuple[str, ...]) -> str:
    step, first, *beside = texts
    columns = "".join(f"{text:>15}" for text in beside)
    return f"{step:>4}  {first:22}{columns}".rstrip()


def _beside_loss(score: dict[str, Any]) -> tuple[str, ...]:
    """Return the accuracy, or how the losses lie if there is none."""
    if score["accuracy"] is not None:
        return (score_text(score["accuracy"], score["ci95"], Measure.ACCURACY),)
    if "median" not in score:
        return ()
    median, trimmed = (
        score_text(score[name], None, Measure.LOSS)
        for name in ("median", "trimmed_mean")
    )
    return median, trimmed, f"{score['diverged']:,}"
