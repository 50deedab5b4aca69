"""Staff act on the rows of every organization that they see; services look at the actor's own."""

from copy import copy

from accounts.models import Membership, Organization, Role, User


def acting_for(user: User, organization: Organization) -> User:
    """The same person, as one who manages the organization that the row belongs to.

    Only for rows that the admin has found for this person, and rights that it has asked for.
    """
    actor = copy(user)
    actor.membership = Membership(user=actor, organization=organization, role=Role.MANAGER)
    return actor
