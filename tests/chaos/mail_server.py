"""The mail server: it takes mails from Postern (RFC 5321), and misbehaves when it is told to."""

import email
import email.policy
import re
import socket
import socketserver
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import unquote

# How it may behave: as it should; not there; "come again later" to the recipient; silent; gone after the text, which it
# has thrown away; gone after the text, which it has delivered all the same.
WELL, AWAY, LATER, SILENT, FORGETS, SWALLOWS_THE_ANSWER = (
    "well", "away", "later", "silent", "forgets", "swallows the answer")
BAD = (AWAY, LATER, SILENT, FORGETS, SWALLOWS_THE_ANSWER)


@dataclass(frozen=True)
class Mail:
    """What somebody reads."""
    link: str
    code: str

    @property
    def token(self):
        return unquote(self.link.partition("token=")[2])


class MailServer:
    """Delivers into inboxes, in memory: mails hold links."""

    def __init__(self, port):
        self.port = port
        self.manner = WELL
        # Mails with a link.
        self.delivered = 0
        # When each of them came, by its Message-ID: of notices as well.
        self.came = defaultdict(list)
        self._inboxes = defaultdict(list)
        self._news = threading.Condition()
        self._server = _Server(("127.0.0.1", port), _Dialogue)
        self._server.mails = self
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def behave(self, manner):
        """Changes its manner; with it end all dialogues, and whoever hangs is let go."""
        self.manner = manner
        self._server.hang_up()

    def deliver(self, address, text):
        message = email.message_from_bytes(text, policy=email.policy.default)
        with self._news:
            self.came[message["Message-ID"]].append(time.monotonic())
        body = message.get_body(("plain",)).get_content()
        link = re.search(r"https?://\S+/verify\?token=\S+", body)
        # The mail about a new browser has none, and nobody waits for it.
        if link is None:
            return
        mail = Mail(link.group(), _code(body))
        with self._news:
            self.delivered += 1
            self._inboxes[address].append(mail)
            self._news.notify_all()

    def wait(self, address, more_than, until):
        """The mails of somebody, newest first, once there are more than that many; or what there is at that time."""
        with self._news:
            self._news.wait_for(lambda: len(self._inboxes[address]) > more_than, max(0, until - time.monotonic()))
            return self._inboxes[address][::-1]

    def duplicates(self):
        with self._news:
            return sum(len(mails) - 1 for mails in self._inboxes.values() if mails)

    def came_twice(self):
        """When those came first that came more than once."""
        with self._news:
            return [times[0] for times in self.came.values() if len(times) > 1]


def _code(body):
    [line] = [line for line in body.splitlines() if re.fullmatch(r"\d{4} \d{4}", line.strip())]
    return line.replace(" ", "").strip()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, *arguments):
        self._open = set()
        self._lock = threading.Lock()
        super().__init__(*arguments)

    def process_request(self, request, address):
        with self._lock:
            self._open.add(request)
        super().process_request(request, address)

    def shutdown_request(self, request):
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self):
        with self._lock:
            for request in self._open:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def handle_error(self, request, address):
        """A dialogue that breaks off is what this is for."""


class _Dialogue(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        mails = self.server.mails
        if mails.manner == AWAY:
            return
        if mails.manner == SILENT:
            self.rfile.read()
            return
        self.say("220 mail.test ESMTP")
        recipient = None
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                recipient = re.search(rb"<([^>]*)>", line).group(1).decode()
                self.say("451 4.7.1 come again later" if mails.manner == LATER else "250 ok")
            elif verb == b"DATA":
                self.say("354 go on")
                text = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    if not line:
                        return
                    text += line[1:] if line.startswith(b".") else line
                if mails.manner == FORGETS:
                    return
                mails.deliver(recipient, text)
                if mails.manner == SWALLOWS_THE_ANSWER:
                    return
                self.say("250 ok")
            elif verb == b"QUIT":
                self.say("221 goodbye")
                return
            else:
                self.say("250 ok")
