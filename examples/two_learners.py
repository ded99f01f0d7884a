"""Ask whether one learner really is better than another: the paired test."""

import workbench

short = {"training.iterations": 1000}
maml = workbench.train("sinusoid-quick", short)
reptile = workbench.train("sinusoid-quick-reptile", short)

comparison = workbench.compare(maml, reptile)
print(comparison)
if comparison.test and comparison.test.is_significant:
    print("That is more than chance.")
