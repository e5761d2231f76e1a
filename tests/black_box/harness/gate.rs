//! Real proxies in front of two apps, configured by the files of docs/gateway/.

use std::{
    fs::{read_to_string, write},
    net::Ipv4Addr,
    path::Path,
    process::Command,
    sync::Arc,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::spawn_blocking,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig,
        pki_types::{CertificateDer, ServerName},
    },
};

use super::{
    Child, Message, Peer,
    browser::USER_AGENT,
    free_port,
    proxy::{LONGEST_KNOCK, caddy_with, has_ipv6, nginx_with, program, ready, substituted, trusting},
};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gateway");

/// Postern's own name, and those of two apps, no two of them under one domain.
pub const LOGIN: &str = "login.example.test";
pub const WIKI: &str = "wiki.alpha.test";
pub const TOOLS: &str = "tools.beta.test";
/// The names in the files that stand for them.
const DOCUMENTED: [(&str, &str); 3] =
    [("login.example.com", LOGIN), ("wiki.example.com", WIKI), ("tools.example.net", TOOLS)];

/// So that an answer that does not come fails a test instead of holding it up.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);

/// The proxies that docs/gateway/ has files for and that can be started here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateKind {
    Nginx,
    /// The machine's own: 2.6.2 from Debian.
    Caddy,
    Caddy211,
    Envoy,
}

/// Makes a test of each claim for each proxy.
macro_rules! through_all_gates {
    ($($claim:ident),+ $(,)?) => {
        through_all_gates!(@ nginx, Nginx, $($claim),+);
        through_all_gates!(@ caddy, Caddy, $($claim),+);
        through_all_gates!(@ caddy_2_11, Caddy211, $($claim),+);
        through_all_gates!(@ envoy, Envoy, $($claim),+);
    };
    (@ $module:ident, $kind:ident, $($claim:ident),+) => {
        mod $module {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(crate::harness::GateKind::$kind).await;
            })+
        }
    };
}

/// A proxy on free ports that ends TLS for three names: Postern's and those of two apps. Ends with the test.
pub struct Gate {
    pub kind: GateKind,
    /// The port for https.
    pub port: u16,
    /// The port for http.
    pub plain_port: u16,
    pub wiki: Peer,
    pub tools: Peer,
    process: Child,
    certificates: [CertificateDer<'static>; 3],
    folder: TempDir,
}

impl Gate {
    /// Starts it before whatever `upstream` gives, with its port, when it is told the port for https: Postern, or
    /// something that stands in for it. The wiki is on `wiki_port` if there is one.
    pub async fn start<T>(
        kind: GateKind,
        wiki_port: Option<u16>,
        upstream: impl AsyncFn(u16) -> (T, u16),
    ) -> (Self, T) {
        let mut words = String::new();
        // Somebody else may be given one of the ports in between.
        for _ in 0..3 {
            let (port, plain_port) = (free_port(), free_port());
            let (given, postern) = upstream(port).await;
            let (wiki, tools) = (Peer::echo().await, Peer::echo().await);
            let folder = TempDir::new().unwrap();
            let certificates = [LOGIN, WIKI, TOOLS].map(|host| {
                let certified = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
                let (certificate, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
                write(folder.path().join(format!("{host}.pem")), certificate).unwrap();
                write(folder.path().join(format!("{host}.key")), key).unwrap();
                certified.cert.der().clone()
            });
            let ports =
                Ports { port, plain_port, postern, wiki: wiki_port.unwrap_or(wiki.port), tools: tools.port };
            let process = Child::run(folder.path(), ports.command(kind, folder.path()));
            let gate = Self { kind, port, plain_port, wiki, tools, process, certificates, folder };
            match gate.ready().await {
                Ok(gate) => return (gate, given),
                Err(last_words) => words = last_words,
            }
        }
        panic!("{kind:?} does not start with its file in docs/gateway/: {words}");
    }

    /// Starts it before a stand-in for Postern.
    pub async fn before(
        kind: GateKind,
        answer: impl Fn(&Message) -> Message + Clone + Send + Sync + 'static,
    ) -> (Self, Peer) {
        Self::start(kind, None, async |_| {
            let peer = Peer::start(answer.clone()).await;
            let port = peer.port;
            (peer, port)
        })
        .await
    }

    /// Waits until both ports are open; gives the last words of a proxy that has ended instead.
    async fn ready(self) -> Result<Self, String> {
        ready(self, Self::knock, |gate| &mut gate.process).await
    }

    async fn knock(&self) -> std::io::Result<()> {
        timeout(LONGEST_KNOCK, self.connect(LOGIN, Ipv4Addr::LOCALHOST)).await??;
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.plain_port)).await?;
        Ok(())
    }

    /// What a client trusts and speaks: the certificates of this proxy, and one of `protocols`.
    pub fn tls(&self, protocols: &[&str]) -> ClientConfig {
        let mut config = trusting(&self.certificates);
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config
    }

    /// A TLS connection from `address`, for one host.
    async fn connect(&self, host: &str, address: Ipv4Addr) -> std::io::Result<TlsStream<TcpStream>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((address, 0).into())?;
        let stream = socket.connect((Ipv4Addr::LOCALHOST, self.port).into()).await?;
        stream.set_nodelay(true)?;
        let connector = TlsConnector::from(Arc::new(self.tls(&["http/1.1"])));
        connector.connect(ServerName::try_from(host.to_owned()).unwrap(), stream).await
    }

    /// Sends a request as it stands to the proxy, in a connection for `host`.
    pub async fn send(&self, host: &str, request: &Message) -> Message {
        self.send_from(Ipv4Addr::LOCALHOST, host, request).await
    }

    /// As [`Self::send`], from that address.
    pub async fn send_from(&self, address: Ipv4Addr, host: &str, request: &Message) -> Message {
        let stream = self.connect(host, address).await.unwrap();
        timeout(LONGEST_ANSWER, request.exchange(stream)).await.expect("an answer")
    }

    /// Asks to upgrade and says `hello` over what was opened then; gives the answer, and what came back.
    pub async fn upgrade(&self, host: &str, request: &Message) -> (Message, Vec<u8>) {
        let mut stream = tokio::io::BufStream::new(self.connect(host, Ipv4Addr::LOCALHOST).await.unwrap());
        let talk = async {
            stream.write_all(&request.bytes()).await.unwrap();
            stream.flush().await.unwrap();
            let answer = Message::read_answer(&mut stream, "GET").await.expect("an answer");
            let mut back = vec![0; 5];
            if answer.status() == 101 {
                stream.write_all(b"hello").await.unwrap();
                stream.flush().await.unwrap();
                stream.read_exact(&mut back).await.unwrap();
            }
            (answer, back)
        };
        timeout(LONGEST_ANSWER, talk).await.expect("an answer")
    }

    /// Host and port, as a browser names them.
    pub fn authority(&self, host: &str) -> String {
        format!("{host}:{}", self.port)
    }

    pub fn url(&self, host: &str, target: &str) -> String {
        format!("https://{}{target}", self.authority(host))
    }

    /// A request for `host` with no more headers than these; it ends the connection unless they say otherwise.
    pub fn request(&self, method: &str, host: &str, target: &str, headers: &[(&str, &str)]) -> Message {
        let authority = self.authority(host);
        let own = [("Host", &*authority), ("User-Agent", USER_AGENT)];
        let has_connection = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("connection"));
        let close: &[_] = if has_connection { &[] } else { &[("Connection", "close")] };
        let all = own.iter().chain(headers).chain(close);
        Message {
            first: format!("{method} {target} HTTP/1.1"),
            headers: all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: Vec::new(),
        }
    }

    /// Ends the proxy and gives everything that it wrote: its logs, and what it said itself.
    pub async fn stop(self) -> (String, String) {
        let mut process = self.process;
        let said = spawn_blocking(move || process.stop()).await.unwrap();
        let log = |name| read_to_string(self.folder.path().join(name)).unwrap_or_default();
        // Caddy's and Envoy's documented logs go where their own words go.
        let access = if self.kind == GateKind::Nginx { log("postern.log") } else { said.clone() };
        (access, log("own.log") + &said)
    }
}

struct Ports {
    port: u16,
    plain_port: u16,
    postern: u16,
    wiki: u16,
    tools: u16,
}

impl Ports {
    fn command(&self, kind: GateKind, folder: &Path) -> Command {
        let files = folder.display();
        let Self { port, plain_port, .. } = self;
        match kind {
            GateKind::Nginx => {
                let ipv6 = |listen: String| if has_ipv6() { listen } else { String::new() };
                let blocks = self.documented(
                    "nginx.conf",
                    &[
                        ("/etc/ssl/", &format!("{files}/")),
                        ("/var/log/nginx/", &format!("{files}/")),
                        ("listen 443 ", &format!("listen 127.0.0.1:{port} ")),
                        ("listen 80;", &format!("listen 127.0.0.1:{plain_port};")),
                        ("listen [::]:443 ssl http2;", &ipv6(format!("listen [::1]:{port} ssl http2;"))),
                        ("listen [::]:80;", &ipv6(format!("listen [::1]:{plain_port};"))),
                    ],
                );
                // As in Debian's nginx.conf, around the file.
                nginx_with(folder, &format!("access_log {files}/own.log;\n{blocks}"))
            }
            GateKind::Caddy | GateKind::Caddy211 => {
                let own = format!(
                    "\n{{\n\tadmin off\n\tskip_install_trust\n\tdefault_bind 127.0.0.1\n\
                     \thttp_port {plain_port}\n\thttps_port {port}\n\tlog {{"
                );
                // Its own certificates would come from an authority on the net.
                let [login, wiki, tools] = [LOGIN, WIKI, TOOLS].map(|host| {
                    (
                        format!("\n{host} {{"),
                        format!("\n{host} {{\n\ttls {files}/{host}.pem {files}/{host}.key"),
                    )
                });
                let caddyfile = self.documented(
                    "Caddyfile",
                    &[("\n{\n\tlog {", &own), (&login.0, &login.1), (&wiki.0, &wiki.1), (&tools.0, &tools.1)],
                );
                let name = if kind == GateKind::Caddy { "caddy" } else { "caddy-2.11" };
                caddy_with(folder, name, &caddyfile)
            }
            GateKind::Envoy => {
                let listener = |port| format!("address: 127.0.0.1, port_value: {port} }}");
                let yaml = self.documented(
                    "envoy.yaml",
                    &[
                        ("/etc/ssl/", &format!("{files}/")),
                        ("address: \"::\", port_value: 443, ipv4_compat: true }", &listener(port)),
                        ("address: \"::\", port_value: 80, ipv4_compat: true }", &listener(plain_port)),
                    ],
                );
                let file = folder.join("envoy.yaml");
                write(&file, yaml).unwrap();
                let mut command = program("envoy");
                command.arg("-c").arg(file).args([
                    "--use-dynamic-base-id",
                    "--concurrency",
                    "1",
                    "-l",
                    "warn",
                ]);
                command
            }
        }
    }

    /// A file of docs/gateway/ with the names and ports of this test.
    fn documented(&self, name: &str, more: &[(&str, &str)]) -> String {
        let file = read_to_string(Path::new(FILES).join(name)).unwrap();
        let file = substituted(name, file, &DOCUMENTED);
        let ports = [(3000, self.postern), (8080, self.wiki), (8081, self.tools)];
        let [postern, wiki, tools] = ports.map(|(documented, port)| match name {
            "envoy.yaml" => (format!("port_value: {documented} "), format!("port_value: {port} ")),
            _ => (format!("127.0.0.1:{documented}"), format!("127.0.0.1:{port}")),
        });
        let addresses = [&postern, &wiki, &tools].map(|(from, to)| (from.as_str(), to.as_str()));
        let file = substituted(name, file, &addresses);
        substituted(name, file, more)
    }
}
