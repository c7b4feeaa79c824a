"""The outcomes on the simulated pages of banks, services and wallets: what each means, and what the shop sees."""

from collections.abc import Iterator
from dataclasses import dataclass

from pfennig.domain.attempt import Reason
from pfennig.domain.methods import METHODS, Method
from pfennig.domain.payment import State
from pfennig.domain.smart_transaction import SmartTransaction, StxStatus, accepted_status
from pfennig.language import say
from pfennig.twin.simulator import CHOICES
from pfennig.twin.simulator.plots import SCENARIOS, RailAnswer, Scenario

AT_SERVICE = ("issuer_unavailable", "review_approved", "review_refused", "charged_back", "charge_back_won")
"""What may follow on every page beside yes and no: the names of plots."""

AT_WALLET = ("insufficient_funds", "do_not_honour", "card_lost", "card_expired", *AT_SERVICE)
"""What the bank may say of a card, too."""

AT_BANK = ("authentication_unavailable", "authentication_timeout", *AT_WALLET, "silence", "error")
"""What may become of 3-D Secure, too."""

TITLES = {"succeed": "Confirm payment", "cancel": "Cancel"}
MEANINGS = {
    "succeed": "The usual way: the payment goes on.",
    "fail": "The payment is not confirmed.",
    "cancel": "The payer goes back without having decided.",
}
"""The two lines of the choices that are no plots, in English. The first of a refusal is the method's."""


@dataclass(frozen=True)
class PageOutcome:
    """A row on a simulated page: the choice that it sends, its two lines, and the status that the shop sees."""

    choice: str
    title: str
    hint: str
    status: str


def page_outcomes(
    stx: SmartTransaction, method: str, captures: bool, names: tuple[str, ...], refusal: str, language: str
) -> list[PageOutcome]:
    """The rows of a page, the usual one first. captures: whether the money is asked for at once."""
    titles = TITLES | {"fail": refusal}
    seen = {name: status(stx, SCENARIOS[name], captures) for name in possible(METHODS[method], captures, names)}
    seen |= {"succeed": status_after_yes(stx, captures), "fail": StxStatus.FAILED, "cancel": StxStatus.CREATED}
    return [
        PageOutcome(
            choice=choice,
            title=say(titles.get(choice) or SCENARIOS[choice].text, language),
            hint=say(MEANINGS[choice], language) if choice in MEANINGS else "",
            status=seen[choice].value,
        )
        for choice in (*CHOICES, *(name for name in seen if name not in CHOICES))
    ]


def possible(row: Method, captures: bool, names: tuple[str, ...]) -> Iterator[str]:
    """The plots among these that a payment by this method can follow. What comes later follows a collection."""
    for name in names:
        plot = SCENARIOS[name]
        state = State.PENDING if plot.says is RailAnswer.REVIEW else State.ISSUE
        is_later = bool(plot.later) or plot.says is RailAnswer.REVIEW
        if not is_later or (captures and state in row.course.states):
            yield name


def status(stx: SmartTransaction, plot: Scenario, captures: bool) -> StxStatus:
    """The status of a transaction once the rail has answered by a plot."""
    if isinstance(plot.says, Reason):
        return StxStatus.FAILED
    return StxStatus.PENDING if plot.says is RailAnswer.REVIEW else status_after_yes(stx, captures)


def status_after_yes(stx: SmartTransaction, captures: bool) -> StxStatus:
    """The status of a transaction after a yes."""
    return accepted_status(stx) if captures else StxStatus.APPROVED
