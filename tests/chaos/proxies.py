"""nginx and HAProxy, with the documented files: docs/machines/, and the server of an app from docs/gateway/nginx.conf."""

import http.server
import os
import shutil
import socket
import threading

from house import ROOT, TOOLS, Broken, wait_until

LOGIN, APP = "login.example.test", "wiki.example.test"


def substituted(name, text, substitutions):
    """The text with every `before` replaced; each has to be there."""
    for before, after in substitutions:
        if before not in text:
            raise Broken(f"{before!r} should stand in {name}")
        text = text.replace(before, after)
    return text


def program(name):
    """A program that script/bootstrap has unpacked, or the machine's."""
    for folder in (TOOLS / "bin", TOOLS / "postgresql/usr/sbin"):
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if not found:
        raise Broken(f"{name} is missing: run script/bootstrap")
    return found


def libraries():
    """Where the libraries of unpacked programs are."""
    return {"LD_LIBRARY_PATH": str(TOOLS / f"postgresql/usr/lib/{os.uname().machine}-linux-gnu")}


def is_open(port):
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def make_certificate(house):
    """A certificate for both names, signed by itself."""
    names = ",".join(f"DNS:{name}" for name in (LOGIN, APP))
    house.run("openssl.log", [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-keyout", house.folder / "key.pem", "-out", house.folder / "cert.pem",
        "-subj", f"/CN={LOGIN}", "-addext", f"subjectAltName={names}",
    ])
    return house.folder / "cert.pem"


def start_nginx(house, name, port, app, instances):
    """nginx on `port`, in front of those instances and of an app at the port `app`."""
    folder = house.folder / name
    folder.mkdir()
    machines = (ROOT / "docs/machines/nginx.conf").read_text()
    servers = "\n".join(f"    server 127.0.0.1:{instance.port} max_fails=0;" for instance in instances)
    documented = "\n".join(f"    server 10.0.0.1{number}:3000 max_fails=0;" for number in (1, 2, 3))
    gateway = (ROOT / "docs/gateway/nginx.conf").read_text()
    head, _, rest = gateway.partition("\n# --- All names")
    server = rest.partition("\n# --- The wiki")[2].partition("\nserver {")[2].partition("\n# --- The tools")[0]
    again = "proxy_next_upstream error timeout http_503 non_idempotent;"
    # As the head of docs/machines/nginx.conf says.
    gateway = substituted("docs/gateway/nginx.conf", f"{head}\nserver {{{server}", [
        ("http://127.0.0.1:3000", "http://postern"),
        ("location ^~ /.postern/ {", f"location ^~ /.postern/ {{\n        {again}"),
        ("wiki.example.com", APP),
        ("127.0.0.1:8080", f"127.0.0.1:{app}"),
    ])
    machines = substituted("docs/machines/nginx.conf", machines, [
        (documented, servers), ("login.example.com", LOGIN), (again, again),
        ("listen 80;", f"listen 127.0.0.1:{house.port()};"), ("    listen [::]:80;\n", ""),
    ])
    both = substituted("both files", f"{machines}\n{gateway}", [
        ("listen 443 ", f"listen 127.0.0.1:{port} "), ("    listen [::]:443 ssl http2;\n", ""),
        (f"/etc/ssl/{LOGIN}.pem", f"{house.folder}/cert.pem"), (f"/etc/ssl/{LOGIN}.key", f"{house.folder}/key.pem"),
        (f"/etc/ssl/{APP}.pem", f"{house.folder}/cert.pem"), (f"/etc/ssl/{APP}.key", f"{house.folder}/key.pem"),
        ("/var/log/nginx/postern.log", f"{house.logs}/{name}-access.log"),
    ])
    # What nginx says itself repeats whole links: it stays in a folder that no run keeps.
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nlock_file {folder}/lock;\nerror_log {folder}/errors;\n"
        f"worker_rlimit_nofile 8192;\nevents {{ worker_connections 4096; }}\nhttp {{\n{temporary}{both}\n}}\n")
    process = house.start(
        f"{name}.log", [program("nginx"), "-e", folder / "errors", "-p", folder, "-c", folder / "nginx.conf"])
    ready(process, port, f"{name}: {folder / 'errors'}")


def start_haproxy(house, primary, standby):
    """HAProxy in front of two servers of PostgreSQL; gives its port."""
    port = house.port()
    text = substituted("docs/machines/haproxy.cfg", (ROOT / "docs/machines/haproxy.cfg").read_text(), [
        ("bind 127.0.0.1:5432", f"bind 127.0.0.1:{port}"),
        ("10.0.0.21:5432", f"127.0.0.1:{primary}"), ("10.0.0.22:5432", f"127.0.0.1:{standby}"),
    ])
    (house.folder / "haproxy.cfg").write_text(text)
    command = [program("haproxy"), "-db", "-f", house.folder / "haproxy.cfg"]
    process = house.start("haproxy.log", command, env=libraries())
    ready(process, port, "HAProxy")
    return port


def ready(process, port, name):
    def up():
        if process.poll() is not None:
            raise Broken(f"{name} ended with {process.returncode}")
        return is_open(port)
    wait_until(up, f"{name} is open")


class App(http.server.BaseHTTPRequestHandler):
    """An app behind the gateway: it believes Remote-User and says who it sees."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"you are {self.headers.get('Remote-User', 'nobody')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start_app(port):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), App)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
