"""One run's tasks spread over several processes, here or on other machines.

One process leads: it trains as always, writes the folder and decides. The others know
nothing of the run but what they are asked, and so have nothing to lose: they are sent
tasks and a function, and answer with sums of its results. Which tasks are added up
together does not depend on how many processes there are, so that the numbers are the
same to the last bit.
"""
