"""Train a learner of your own: MAML whose inner steps grow shorter, one by one."""

from typing import Literal

import workbench
from workbench.algorithms.maml import Maml
from workbench.core.learning.inner_loop import gradient_step


@workbench.register
class ShorterSteps(Maml):
    """Adapts by steps of the sizes a, a/2, a/3 and so on."""

    title = "MAML with shorter steps"
    kind: Literal["shorter-steps"] = "shorter-steps"

    def adapt(self, task, meta, batches, state):
        yield meta
        for number, batch in enumerate(batches, start=1):
            step = gradient_step(task, self.inner_lr / number, self.inner_clip)
            meta = step(meta, batch)
            yield meta


print(workbench.train("sinusoid-quick", learner=ShorterSteps(inner_lr=0.02)))
