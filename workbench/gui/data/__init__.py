"""The parts of the Data tab: data sets, their classes and their episodes."""
