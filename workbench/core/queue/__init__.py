"""What waits to be trained, and who trains it: any number of workers, on any machines.

It uses ``training`` and what is below it, and ``runs`` beside that. Begin with
``queue``; ``workers`` says who is there, and ``side_by_side`` trains several at once.
"""
