"""Learn to tell classes of your own data set apart from one example of each."""

import torch

import workbench
from workbench.algorithms.maml import Maml
from workbench.models.mlp import Mlp

torch.manual_seed(0)
centres = 2 * torch.rand(40, 6)  # forty classes, which lie around these points
examples = [
    (centre + 0.3 * torch.randn(6), label)  # any data set of such pairs will do
    for label, centre in enumerate(centres)
    for _ in range(20)
]
task = workbench.Task.from_dataset(examples, ways=5, shots=1, name="clouds")
model, learner = Mlp(initial="xavier"), Maml(inner_lr=0.3, inner_steps=3)

run = workbench.train(
    task=task, model=model, learner=learner, set={"training.iterations": 300}
)
print(workbench.evaluate(run, tasks=200))
