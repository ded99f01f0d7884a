"""What all panels share: the session, actions, background work, a panel's contract.

It uses ``look``. Begin with ``panel``, then ``session``.
"""
