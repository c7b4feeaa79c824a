"""/lab/v1/mails: what payers and merchants were written. Source: docs/lab.md."""

import falcon

from pfennig.clock import wire_time
from pfennig.domain.mail import Mail
from pfennig.lab.door import caller
from pfennig.operations.core.call import Platform
from pfennig.operations.notifications import mails


class MailsDoor:
    """The mails of the caller's merchant; in the twin they are kept, whether they are sent or not."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """GET /lab/v1/mails[?transaction=STX_…]: the newest first. Raises UnknownId."""
        kept = mails.newest(caller(self.platform, request), request.get_param("transaction"))
        response.media = {"data": [mail_json(mail) for mail in kept]}


def mail_json(mail: Mail) -> dict[str, object]:
    """A mail as JSON."""
    return {
        "id": mail.id,
        "created": wire_time(mail.created),
        "transaction": mail.smart_transaction_id,
        "payment": mail.payment_id,
        "kind": mail.kind.value,
        "to": mail.recipient,
        "language": mail.language,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "sent": mail.is_sent,
        "progress": mail.progress,
    }
