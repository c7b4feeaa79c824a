"""A shop with pages of its own, on another origin than ours, and its two contracts."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from pfennig.clock import system_clock
from pfennig.operations.worlds import world
from pfennig.storage.database import Database

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><circle cx="5" cy="5" r="5"/></svg>'
CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": "client-cafe",
    "client_secret": "secret-of-the-cafe-0123456789",
}
WORLD = """
merchants:
  - id: MRC_CAFE
    companyname: Café am Markt
    contracts:
      - &cafe
        id: GCR_YELLOW
        methods: [creditcard, debit, prepaid]
        wallets: [googlepay]
        payment_context: {{auto_capture: true}}
        bank_account: {{owner: Café, iban: DE81850400611005523759, bic: COBADEFFXXX, bankname: Commerzbank CC}}
        clients: [{{id: client-cafe, secret: secret-of-the-cafe-0123456789}}]
        checkout: &look
          project_title: Kaffee-Abo
          project_logo: "{logo}"
          primary_colour: "#ffcc00"
          language_formality: informal
          domains: ["{cafe}"]
          background: {{enabled: true, image_url: "{cafe}/background.svg"}}
      - {{<<: *cafe, id: GCR_NAVY, clients: [], checkout: {{<<: *look, primary_colour: "#001f5c"}}}}
"""
"""A shop with two contracts, one in a light colour and one in a dark one."""


@dataclass
class Cafe:
    """A shop with pages of its own. `foreign` is its address under a name that its contract does not know."""

    url: str
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def foreign(self) -> str:
        """The same pages on another origin."""
        return self.url.replace("localhost", "127.0.0.1")

    def sign_up(self, database: str, folder: Path) -> None:
        """Adds its merchant to a database with all tables. folder: where its world file is written."""
        logo = "data:image/svg+xml;base64," + base64.b64encode(SVG).decode()
        file = folder / "cafe.yaml"
        file.write_text(WORLD.format(cafe=self.url, logo=logo), encoding="utf-8")
        store = Database(database, system_clock)
        world.seed(store, world.read(file), update=False)
        store.close()


@contextmanager
def running_cafe() -> Iterator[Cafe]:
    """The shop, with a server for its pages."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.partition("?")[0]
            body = SVG if name.endswith(".svg") else shop.pages.get(name, "Back at the shop.").encode()
            self.send_response(200)
            self.send_header("Content-Type", "image/svg+xml" if name.endswith(".svg") else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shop = Cafe(f"http://localhost:{server.server_port}")
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield shop
        server.shutdown()
