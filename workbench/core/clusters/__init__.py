"""Workers as a cluster's jobs: submitted, looked at, cancelled, and made to go on.

It knows nothing of queues or training: a worker is a command that stops with what it
has when it is told to end, and begins where that was left when it is run again.
Begin with ``launching``; ``settings`` reads what is asked of Slurm, ``worker_job`` is
what runs on the node, ``records`` what was submitted, ``standing`` what became of it.
"""
