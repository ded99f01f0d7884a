"""The meta-learners, one file each."""
