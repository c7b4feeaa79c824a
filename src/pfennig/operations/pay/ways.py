"""Addresses for payers who come from a page that was not ours."""

from pfennig.domain.attempt import TOOK, Attempt, Result
from pfennig.domain.smart_transaction import SmartTransaction


def shops_url(stx: SmartTransaction, attempt: Attempt) -> str | None:
    """The shop's address after a step, where its own checkout has sent the payer; None where ours has.

    Who left without deciding is back where the shop wants those who gave up.
    """
    urls = attempt.return_urls
    if not urls:
        return None
    if attempt.result is Result.LEFT:
        usual = stx.return_urls
        return urls.get("failure_url") or usual.get("url_abort") or usual.get("url_error")
    return urls.get("success_url" if attempt.result in TOOK else "failure_url")
