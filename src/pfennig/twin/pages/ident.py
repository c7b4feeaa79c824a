"""/sim/ident: the page of a provider of identifications that exists only in the twin. Every outcome is a button."""

from functools import partial
from urllib.parse import urlencode

import falcon

from pfennig import ids, language, web
from pfennig.checkout import pages
from pfennig.checkout.visit import DeadLink, ExpiredForm
from pfennig.domain.ident import OPEN_CASE, IdentRequest, IdentStatus
from pfennig.language import say
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.identity import idents
from pfennig.twin.pages.page_outcomes import PageOutcome
from pfennig.twin.simulator import identities

as_said = partial(identities.findings, is_other=False)
"""The paper says what was said of the person."""

CHOICES = {"succeed": IdentStatus.OK, "fail": IdentStatus.FAILED}
TITLES = {"succeed": "Identified", "fail": "Not identified"}


class IdentDoor:
    """Identifies one person, or does not."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """The page with its buttons; once they were used, what came of it."""
        ident, task, status = self.enter(request, id)
        self.draw(request, response, ident, task, status)

    def on_post(self, request: falcon.Request, response: falcon.Response, id: str) -> None:
        """Takes the answer and leads back to where the request says."""
        ident, task, status = self.enter(request, id)
        fields = web.form(request)
        if not ids.same(fields.get("token", ""), self.token(task)) or fields.get("choice") not in CHOICES:
            raise ExpiredForm
        if self.is_open(ident, status):
            call = Call(self.platform, None, language.DEFAULT, role="person", merchant_id=ident.merchant_id)
            call.insist(lambda: idents.decide(call, ident.id, task, CHOICES[fields["choice"]], as_said))
            ident, task, status = self.enter(request, id)
        url = ident.redirect_urls.get("url_success" if status is IdentStatus.OK else "url_failure")
        raise falcon.HTTPSeeOther(url or f"{request.path}?{urlencode({'person': task})}")

    def enter(self, request: falcon.Request, id: str) -> tuple[IdentRequest, str, IdentStatus]:
        """The request behind the address, the person's number, and how far they are. Raises DeadLink."""
        task = web.parameters(request).get("person", "")
        with self.platform.database.view() as view:
            ident = view.ident_requests.find(id)
        for person in ident.persons if ident else ():
            if ident and ids.same(person["transaction_id"], task):
                return ident, task, IdentStatus(person["status"])
        raise DeadLink

    def is_open(self, ident: IdentRequest, status: IdentStatus) -> bool:
        """Whether the person can still choose."""
        return ident.case_status in OPEN_CASE and status is IdentStatus.REQUESTED

    def draw(
        self, request: falcon.Request, response: falcon.Response, ident: IdentRequest, task: str, status: IdentStatus
    ) -> None:
        """The page."""
        tongue = language.best_language(request.get_param("lang") or request.get_header("Accept-Language"))
        pages.draw(
            request,
            response,
            self.platform,
            "ident.html",
            tongue,
            provider=ident.provider.value,
            status=status.value,
            is_open=self.is_open(ident, status),
            outcomes=[
                PageOutcome(choice, say(TITLES[choice], tongue), "", end.value) for choice, end in CHOICES.items()
            ],
            action=f"{request.path}?{urlencode({'person': task, 'lang': tongue})}",
            token=self.token(task),
        )

    def token(self, task: str) -> str:
        """The token that the form must bring back."""
        return ids.sign(self.platform.signing_key, "ident", task)
