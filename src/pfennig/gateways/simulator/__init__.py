"""A bank and a card network that exist only here. A pure function of the errand: same question, same answer."""

from pfennig.domain.attempt import Outcome, Reason, Result
from pfennig.gateways import Errand
from pfennig.gateways.simulator.instruments import Behaviour, behaviour

CHOICES = {
    "succeed": None,
    "fail": Reason.AUTHENTICATION_FAILED,
    "cancel": Reason.PAYER_CANCELLED,
}
"""What the payer can do on the bank's page, and the reason to refuse that follows."""


PAGES = frozenset({"paypal", "easycredit", "sofort", "giropay", "eps"})
"""Methods whose payer always goes to a page of somebody else."""


class Simulator:
    """One rail for every method."""

    def start(self, errand: Errand) -> Outcome:
        """By the instrument: yes, no, or first the bank's page. A prepayment waits for its transfer."""
        attempt = errand.attempt
        if attempt.method == "prepaid":
            return Outcome(Result.WAITING)
        if attempt.method in PAGES:
            return self.challenged(errand)
        wish = Behaviour.FRICTIONLESS if attempt.method == "invoice" else behaviour(errand.instrument)
        if isinstance(wish, Reason):
            return Outcome(Result.DENIED, wish)
        if wish is Behaviour.CHALLENGE:
            return self.challenged(errand)
        return self.approved(errand)

    def challenged(self, errand: Errand) -> Outcome:
        """The answer of the payer on the bank's page, or the way there."""
        choice = errand.attempt.script.get("choice")
        if choice is None:
            page = errand.attempt.method if errand.attempt.method in PAGES else "3ds"
            return Outcome(Result.REDIRECT, path=f"/sim/{page}/{errand.attempt.id}")
        reason = CHOICES[choice]
        return Outcome(Result.DENIED, reason) if reason else self.approved(errand)

    def approved(self, errand: Errand) -> Outcome:
        """Yes: reserved, or collected at once."""
        return self.capture(errand) if errand.attempt.captures else Outcome(Result.AUTHORISED)

    def capture(self, errand: Errand) -> Outcome:
        """Always works; an invoice then waits for its goods to be shipped."""
        return Outcome(Result.ORDERED if errand.attempt.method == "invoice" else Result.CAPTURED)

    def cancel(self, errand: Errand) -> Outcome:
        """Always works."""
        return Outcome(Result.DONE)

    def refund(self, errand: Errand) -> Outcome:
        """Always works."""
        return Outcome(Result.DONE)

    def ask(self, errand: Errand) -> Outcome:
        """There is nothing to remember: asking again is the same as asking."""
        verb = getattr(self, errand.attempt.verb.value)
        outcome: Outcome = verb(errand)
        return outcome
