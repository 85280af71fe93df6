"""One number of requests for many portals, shared fairly."""

from __future__ import annotations


class Budget:
    """The requests that a round may make.

    Every portal is sure of an equal share, whenever its turn comes; what others leave of theirs goes to whoever
    needs more.

    Args:
        requests: All of them.
        portals: Portals that share them.
    """

    def __init__(self, requests: int, portals: int) -> None:
        self.requests = requests
        self.spent = 0
        self._share = requests // max(1, portals)
        self._promised = self._share * portals
        """What portals are still sure of: those to come, and the unspent shares of those that run."""

    def share(self) -> Share:
        """The part of one portal, for the length of its run."""
        return Share(self, self._share)

    def forgo(self) -> None:
        """A portal will not run: its share is free."""
        self._promised -= self._share

    def take(self, share: Share) -> bool:
        """Spends one request of a share, or of what nobody is sure of; False if there is none."""
        if share.left:
            share.left -= 1
            self._promised -= 1
        elif self.spent + self._promised >= self.requests:
            return False
        self.spent += 1
        return True

    def give_back(self, share: Share) -> None:
        """A portal is done: what it left is free."""
        self._promised -= share.left
        share.left = 0


class Share:
    """One portal's part.

    Args:
        budget: The whole.
        left: Requests the portal is sure of.
    """

    def __init__(self, budget: Budget, left: int) -> None:
        self._budget = budget
        self.left = left

    def take(self) -> bool:
        """True if one more request may be made; it is counted."""
        return self._budget.take(self)

    def give_back(self) -> None:
        """The portal is done."""
        self._budget.give_back(self)
