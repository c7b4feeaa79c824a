"""Sessions: devices, and users of an app on one, that hold a token which can be renewed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class User:
    """A user who logs in to an app. `id` is the user name; password: what `passwords` keeps of it."""

    id: str
    merchant_id: str
    contract_id: str
    password: str
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Session:
    """A device that registers, and, once it is open, its session.

    contract_id: under which it acts; that of its client until somebody says another one.
    username: who logged in on the device, empty for a device by itself. device: what it calls itself.
    device_code, user_code, refresh: digests of what opens, confirms and renews it.
    secret_id: by which secret of the client the refresh token was bought; it ends with that.
    is_open: whether it was confirmed, or somebody logged in. expires: when it is forgotten.
    """

    id: str
    client_id: str
    merchant_id: str
    contract_id: str
    username: str = ""
    device: str
    device_name: str = ""
    device_code: str | None = None
    user_code: str | None = None
    refresh: str | None = None
    secret_id: str | None = None
    is_open: bool = False
    expires: datetime
    created: datetime
    seq: int = 0
