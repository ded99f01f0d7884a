"""Tasks that are acted in: environments, policies, and episodes that are collected.

An episode of reinforcement learning does not exist before adaptation starts: what is
drawn for it is goals and noise, and its trajectories are collected with them under the
weights adapted so far.
"""
