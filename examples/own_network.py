"""Meta-train a network of your own: how well does it learn new sine curves?"""

from torch import nn

import workbench

net = nn.Sequential(
    *(nn.Linear(1, 40), nn.SiLU()),
    *(nn.Linear(40, 40), nn.SiLU()),
    nn.Linear(40, 1),
)
model = workbench.Model.from_module(net, head="4", name="smooth")

run = workbench.train("sinusoid-quick", {"training.iterations": 1000}, model=model)
print(workbench.evaluate(run, tasks=200))
