//! The real nginx and the real Caddy in front of a production server, configured by the files of docs/proxy/.

use std::{
    env,
    ffi::OsString,
    fs::{read_to_string, write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    net::{TcpSocket, TcpStream},
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, ServerName},
    },
};

use super::{Browser, Child, Mail, MailServer, Manner, Postern, free_port};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/proxy");
/// Where the page is installed that proxies show while Postern restarts.
const SHARED: &str = "/usr/share/postern";
/// The name in the files, and the one in these tests.
const DOCUMENTED_HOST: &str = "login.example.com";
const HOST: &str = "login.example.test";

/// So that whoever else listens there, and never answers, is not waited for.
pub const LONGEST_KNOCK: Duration = Duration::from_secs(5);
/// So that a proxy that does not open its port fails a test instead of holding it up.
pub const LONGEST_START: Duration = Duration::from_secs(30);

/// The proxies that docs/proxy/ has files for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// The machine's own: 1.22 from Debian.
    Nginx,
    Nginx131,
    /// The machine's own: 2.6.2 from Debian.
    Caddy,
    Caddy211,
}

impl ProxyKind {
    pub fn is_caddy(self) -> bool {
        matches!(self, Self::Caddy | Self::Caddy211)
    }

    fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Nginx131 => "nginx-1.31",
            Self::Caddy => "caddy",
            Self::Caddy211 => "caddy-2.11",
        }
    }
}

/// A production server with its mail server, and a proxy on free ports that ends TLS for it.
///
/// PUBLIC_URL is https://login.example.test with the port of the proxy.
pub struct Proxied {
    pub postern: Postern,
    pub mail_server: MailServer,
    /// The port for https.
    pub port: u16,
    /// The port for http.
    pub plain_port: u16,
    process: Child,
    certificate: CertificateDer<'static>,
    folder: TempDir,
}

impl Proxied {
    pub async fn start(kind: ProxyKind) -> Self {
        Self::start_with(kind, &[]).await
    }

    /// As [`Self::start`], with other settings of Postern on top.
    pub async fn start_with(kind: ProxyKind, settings: &[(&str, &str)]) -> Self {
        let mut words = String::new();
        // Somebody else may be given one of the ports in between.
        for _ in 0..3 {
            match Self::try_to_start(kind, settings).await {
                Ok(proxied) => return proxied,
                Err(last_words) => words = last_words,
            }
        }
        panic!("{kind:?} does not start with its file in docs/proxy/: {words}");
    }

    /// Starts everything on ports that were free a moment ago; or gives the last words of the proxy.
    async fn try_to_start(kind: ProxyKind, settings: &[(&str, &str)]) -> Result<Self, String> {
        let (port, plain_port) = (free_port(), free_port());
        let mail_server = MailServer::start(&[]).await;
        let public_url = format!("https://{HOST}:{port}");
        let production = [("PUBLIC_URL", &*public_url), ("TRUSTED_PROXIES", "127.0.0.1")];
        let mail = mail_server.settings();
        let postern = Postern::in_production(&[&production, &mail[..], settings].concat()).await;

        let folder = TempDir::new().unwrap();
        let certified = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
        write(folder.path().join("cert.pem"), certified.cert.pem()).unwrap();
        write(folder.path().join("key.pem"), certified.signing_key.serialize_pem()).unwrap();
        let start = if kind.is_caddy() { caddy } else { nginx };
        let command = start(kind.program(), folder.path(), port, plain_port, postern.port());
        let (process, certificate) = (Child::run(folder.path(), command), certified.cert.der().clone());
        let proxied = Self { postern, mail_server, port, plain_port, process, certificate, folder };
        proxied.ready().await
    }

    /// Waits until both ports are open and our certificate is shown; gives the last words of a proxy that has ended
    /// instead.
    async fn ready(self) -> Result<Self, String> {
        ready(self, Self::knock, |proxied| &mut proxied.process).await
    }

    async fn knock(&self) -> std::io::Result<()> {
        timeout(LONGEST_KNOCK, self.connect("http/1.1")).await??;
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.plain_port)).await?;
        Ok(())
    }

    /// What a client trusts and speaks: the certificate of this proxy, and one of `protocols`.
    pub fn tls(&self, protocols: &[&str]) -> ClientConfig {
        let mut config = trusting(std::slice::from_ref(&self.certificate));
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config
    }

    /// A TLS connection for that protocol; an error if the proxy does not speak it.
    pub async fn connect(&self, protocol: &str) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        // Otherwise each request would wait for the ACK of the handshake's last part, which the peer may delay.
        stream.set_nodelay(true)?;
        let connector = TlsConnector::from(Arc::new(self.tls(&[protocol])));
        let stream = connector.connect(ServerName::try_from(HOST).unwrap(), stream).await?;
        match stream.get_ref().1.alpn_protocol() {
            Some(chosen) if chosen == protocol.as_bytes() => Ok(stream),
            chosen => Err(std::io::Error::other(format!("the proxy chose {chosen:?}"))),
        }
    }

    /// Host and port, as a browser names them.
    pub fn host(&self) -> String {
        format!("{HOST}:{}", self.port)
    }

    /// Somebody with an empty cookie jar on this machine.
    pub fn browser(&self, manner: Manner) -> Browser {
        Browser::through(self, IpAddr::V4(Ipv4Addr::LOCALHOST), manner)
    }

    /// Sends what is due and takes the one mail that arrives.
    pub async fn mail(&self) -> Mail {
        self.postern.deliver().await;
        let mut mails = self.mail_server.mails();
        assert_eq!(mails.len(), 1, "one mail was expected");
        mails.remove(0)
    }

    /// Signs in by link, the whole way.
    pub async fn sign_in(&self, browser: &Browser, email: &str) {
        browser.ask(email).await;
        browser.redeem_link(&self.mail().await.token()).await.assert_leads_to("/");
    }

    /// Ends Postern. As long as the socket lives that this gives, nobody else is given its port, and nobody listens there.
    pub async fn stop_postern(&self) -> TcpSocket {
        self.postern.stop();
        let address = (Ipv4Addr::LOCALHOST, self.postern.port()).into();
        let began = Instant::now();
        loop {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            if socket.bind(address).is_ok() && TcpStream::connect(address).await.is_err() {
                return socket;
            }
            assert!(began.elapsed() < LONGEST_START, "Postern listens still");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends the proxy and gives its access log and everything that it said itself (errors are there).
    pub async fn stop(self) -> (String, String) {
        let mut process = self.process;
        let said = spawn_blocking(move || process.stop()).await.unwrap();
        // Caddy's documented log goes where its own words go.
        let access = read_to_string(self.folder.path().join("postern.log"));
        (access.unwrap_or_else(|_| said.clone()), said)
    }
}

/// A proxy with no settings but where to pass requests on, over plain http.
pub struct Bare {
    pub port: u16,
    _process: Child,
    _folder: TempDir,
}

impl Bare {
    /// Starts it in front of `upstream`, a port, and waits until it is open.
    pub async fn start(kind: ProxyKind, upstream: u16) -> Self {
        let port = free_port();
        let folder = TempDir::new().unwrap();
        let command = match kind {
            // The version is nginx's own choice before 1.29.7.
            ProxyKind::Nginx | ProxyKind::Nginx131 => nginx_by(
                kind.program(),
                folder.path(),
                &format!(
                    "server {{ listen 127.0.0.1:{port}; access_log off;\n\
                     location / {{ proxy_http_version 1.0; proxy_pass http://127.0.0.1:{upstream}; }} }}"
                ),
            ),
            ProxyKind::Caddy | ProxyKind::Caddy211 => caddy_with(
                folder.path(),
                kind.program(),
                &format!(
                    "{{\nadmin off\nauto_https off\n}}\n:{port} {{\nbind 127.0.0.1\n\
                     reverse_proxy 127.0.0.1:{upstream}\n}}\n"
                ),
            ),
        };
        let mut process = Child::run(folder.path(), command);
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            assert_eq!(process.last_words(), None, "{kind:?} ended");
            assert!(began.elapsed() < LONGEST_START, "the proxy does not answer");
            sleep(Duration::from_millis(10)).await;
        }
        Self { port, _process: process, _folder: folder }
    }
}

/// A machine without IPv6 cannot listen there.
pub fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

/// A client that trusts these certificates and no others.
pub fn trusting(certificates: &[CertificateDer<'static>]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates.iter().cloned());
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth()
}

/// The nginx of that name as documented, which keeps everything in `folder`.
fn nginx(name: &str, folder: &Path, port: u16, plain_port: u16, upstream: u16) -> Command {
    let files = folder.display();
    let ipv6 = |listen: String| if has_ipv6() { listen } else { String::new() };
    let documented = documented(
        "nginx.conf",
        &[
            (SHARED, FILES),
            ("/etc/ssl/login.example.com.pem", &format!("{files}/cert.pem")),
            ("/etc/ssl/login.example.com.key", &format!("{files}/key.pem")),
            ("/var/log/nginx/", &format!("{files}/")),
            (DOCUMENTED_HOST, HOST),
            ("listen 443 ", &format!("listen 127.0.0.1:{port} ")),
            ("listen 80;", &format!("listen 127.0.0.1:{plain_port};")),
            ("listen [::]:443 ssl http2;", &ipv6(format!("listen [::1]:{port} ssl http2;"))),
            ("listen [::]:80;", &ipv6(format!("listen [::1]:{plain_port};"))),
            ("http://127.0.0.1:3000", &format!("http://127.0.0.1:{upstream}")),
        ],
    );
    nginx_by(name, folder, &documented)
}

/// Knocks at a proxy until it answers; gives the last words of one that has ended instead.
pub async fn ready<P>(
    mut proxy: P,
    knock: impl AsyncFn(&P) -> std::io::Result<()>,
    process: impl Fn(&mut P) -> &mut Child,
) -> Result<P, String> {
    let began = Instant::now();
    while let Err(error) = knock(&proxy).await {
        if let Some(words) = process(&mut proxy).last_words() {
            return Err(words);
        }
        assert!(began.elapsed() < LONGEST_START, "the proxy does not answer: {error}");
        sleep(Duration::from_millis(10)).await;
    }
    Ok(proxy)
}

/// The machine's own nginx as one ordinary process with these blocks under `http`.
pub fn nginx_with(folder: &Path, blocks: &str) -> Command {
    nginx_by("nginx", folder, blocks)
}

fn nginx_by(name: &str, folder: &Path, blocks: &str) -> Command {
    let files = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {files}/{name};\n"))
        .concat();
    let own = format!(
        "daemon off;\nmaster_process off;\npid {files}/pid;\nlock_file {files}/lock;\nerror_log stderr;"
    );
    let file = folder.join("nginx.conf");
    write(&file, format!("{own}\nevents {{}}\nhttp {{\n{temporary}{blocks}\n}}\n")).unwrap();
    let mut command = program(name);
    command.args(["-e", "stderr", "-p"]).arg(folder).arg("-c").arg(file);
    command
}

/// The Caddy of that name as documented, which keeps everything in `folder`.
fn caddy(name: &str, folder: &Path, port: u16, plain_port: u16, upstream: u16) -> Command {
    let files = folder.display();
    let own = format!(
        "{{\nadmin off\nskip_install_trust\ndefault_bind 127.0.0.1\nhttp_port {plain_port}\nhttps_port {port}\n"
    );
    let documented = documented(
        "Caddyfile",
        &[
            (SHARED, FILES),
            ("{\n\t# If there is", &format!("{own}\t# If there is")),
            // Its own certificates would come from an authority on the net.
            (&format!("{DOCUMENTED_HOST} {{"), &format!("{HOST} {{\ntls {files}/cert.pem {files}/key.pem")),
            ("127.0.0.1:3000", &format!("127.0.0.1:{upstream}")),
        ],
    );
    caddy_with(folder, name, &documented)
}

/// The Caddy of that name as one ordinary process with this Caddyfile.
pub fn caddy_with(folder: &Path, name: &str, caddyfile: &str) -> Command {
    let file = folder.join("Caddyfile");
    write(&file, caddyfile).unwrap();
    let mut command = program(name);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    command
}

/// The file of docs/proxy/ with every `from` replaced by its `to`.
fn documented(name: &str, substitutions: &[(&str, &str)]) -> String {
    substituted(name, read_to_string(Path::new(FILES).join(name)).unwrap(), substitutions)
}

/// That text of `name` with every `from` replaced by its `to`; each has to be there.
pub fn substituted(name: &str, text: String, substitutions: &[(&str, &str)]) -> String {
    substitutions.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from:?} should stand in the documented {name}:\n{text}");
        text.replace(from, to)
    })
}

/// The installed program of that name, with an empty environment.
pub fn program(name: &str) -> Command {
    let Some(program) = search_folders().iter().map(|folder| folder.join(name)).find(|file| file.is_file())
    else {
        panic!("{name} is missing, and these tests start the real one. To install it: script/bootstrap");
    };
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    command
}

/// Where [`program`] looks, as a PATH for programs that look themselves.
pub fn search_path() -> OsString {
    env::join_paths(search_folders()).unwrap()
}

#[allow(clippy::disallowed_methods, reason = "programs are found by PATH; Postern sees nothing of it")]
fn search_folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.extend(tools());
    // Debian's nginx is there, which is on the PATH of root only.
    folders.push("/usr/sbin".into());
    folders
}

/// Where script/bootstrap puts programs.
#[allow(clippy::disallowed_methods, reason = "script/bootstrap reads the same variables")]
pub fn tools() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let caches = || folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    let cache = folder("POSTERN_CACHE").or_else(|| Some(caches()?.join("postern")));
    Some(cache?.join("tools/bin"))
}
