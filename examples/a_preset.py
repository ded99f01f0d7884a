"""Train a preset for a short while, and see how well it learns new sine curves."""

import workbench

print(workbench.presets())

run = workbench.train("sinusoid-quick", {"training.iterations": 1000})
print(run)  # a notebook that ends a cell in run shows its figures and curves

scores = workbench.evaluate(run, tasks=200)
print(scores)
print("median loss after the last inner step:", scores.final.spread.median)
