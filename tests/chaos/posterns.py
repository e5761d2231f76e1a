"""A site: instances behind an nginx, with a database, a mail server, an app behind the gateway, and a ledger."""

from browser import Browser, client_tls
from instances import Instance
from ledger import Ledger
from mail_server import MailServer
from proxies import APP, LOGIN, make_certificate, start_app, start_nginx

# Limits stay on, each spent as in life: everybody comes from a network of their own. Only what counts over all is raised,
# for a run has more people than an hour of most teams.
LIMITS = {name: "1000000 per 1h" for name in ("LIMIT_MAILS", "LIMIT_TRAIL", "LIMIT_CODES")}


class Site:
    """`database`: a DATABASE_URL. `wrap`: words in front of each instance's program."""
    login, app = LOGIN, APP

    def __init__(self, house, name, database, count, wrap=(), folder=None, more=None):
        self.house, self.name, self.ledger = house, name, Ledger()
        self.port = house.port()
        if not (house.folder / "cert.pem").exists():
            make_certificate(house)
        self.tls = client_tls(house.folder / "cert.pem")
        self.mail_server = MailServer(house.port())
        secret = (house.folder / "secret_key")
        if not secret.exists():
            secret.write_text(house.chance.randbytes(32).hex())
        settings = {
            "PUBLIC_URL": f"https://{LOGIN}:{self.port}", "SECRET_KEY": secret.read_text(),
            "CREDENTIALS": '["@example.com"]', "DATABASE_URL": database, "TRUSTED_PROXIES": "127.0.0.1",
            "GATEWAY_APPS": f'[{{"origin": "https://{APP}:{self.port}"}}]',
            "EMAIL_BACKEND": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.mail_server.port),
            "DEFAULT_FROM_EMAIL": "Postern <postern@example.com>", "DRAIN_TIME": "1s", **LIMITS, **(more or {}),
        }
        self.instances = [Instance(house, f"{name}-{number}", settings, wrap) for number in range(1, count + 1)]
        app = house.port()
        start_app(app)
        # All at once: the first ones find an empty database.
        for instance in self.instances:
            instance.start()
        for instance in self.instances:
            instance.wait()
        start_nginx(house, f"nginx-{name}", self.port, app, self.instances)

    def browser(self, number, by_form=False, instance=None):
        """The browser of somebody in a network of their own; not that of the proxy."""
        address = f"127.{1 + (number >> 16) % 250}.{(number >> 8) % 256}.{1 + number % 254}"
        return Browser(self, address, by_form, instance)

    def wait(self):
        """Waits until all instances that should run are ready."""
        for instance in self.instances:
            instance.wait()
