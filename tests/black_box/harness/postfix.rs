//! The real Postfix, as its makers ship it, in a folder of a test's own.
//!
//! It is a submission server: STARTTLS, then AUTH. It is also the destination of two domains, each with a Maildir:
//! example.test is its own (`mydestination`), evil.test is somebody else's whose mail it takes. What its defaults say
//! about addresses is left as it is.

use std::{
    fs::{self, Permissions, create_dir_all, read_dir, read_to_string, set_permissions, write},
    io::Write,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{net::TcpStream, time::sleep};

use super::{Child, Mail, proxy::tools};

/// So that a Postfix that does not open its port, or does not deliver, fails a test instead of holding it up.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Postfix wants two users and a group that nothing else in it uses; it creates no files outside its folder. These are
/// there on every Unix, so that none has to be made: games, nobody, and the group mail.
const OWNER: &str = "games";
const MAILBOXES: &str = "nobody";
const GROUP: &str = "mail";

/// A sender whose bounces are piped as docs/mail.md says; those of all others lie in a Maildir.
pub const BOUNCES_TO: &str = "login@example.test";

/// Who may submit mails.
pub const USER: &str = "postern@example.test";
pub const PASSWORD: &str = "Sm#p$w0rd with space";

/// A Postfix on a port of its own. Ends with the test.
pub struct Postfix {
    pub port: u16,
    process: Child,
    folder: TempDir,
}

impl Postfix {
    pub async fn start() -> Self {
        Self::without("").await
    }

    /// One that does not offer these extensions, by their keywords in EHLO.
    pub async fn without(keywords: &str) -> Self {
        let mut log = String::new();
        // Somebody else may be given the port in between.
        for _ in 0..3 {
            match Self::try_to_start(keywords).await {
                Ok(postfix) => return postfix,
                Err(last_words) => log = last_words,
            }
        }
        panic!("Postfix does not start: {log}");
    }

    async fn try_to_start(without: &str) -> Result<Self, String> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = TempDir::new().unwrap();
        let program = Program::find();
        let by = fs::metadata(folder.path()).unwrap().uid();
        assert_eq!(by, 0, "Postfix does not start for anybody but root: run these tests as root");
        // The parts of Postfix that have given up root's rights must get to their files.
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        prepare(folder.path(), &program, port, without);
        let mut command = program.master();
        command.arg("-c").arg(folder.path().join("conf")).arg("-d");
        let postfix = Self { port, process: Child::run(folder.path(), command), folder };
        postfix.ready().await
    }

    async fn ready(mut self) -> Result<Self, String> {
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_err() {
            if self.process.last_words().is_some() {
                return Err(self.log());
            }
            assert!(began.elapsed() < LONGEST_WAIT, "Postfix does not answer: {}", self.log());
            sleep(Duration::from_millis(10)).await;
        }
        Ok(self)
    }

    /// The settings that make Postern submit its mails here.
    pub fn settings(&self) -> Vec<(String, String)> {
        [
            ("EMAIL_BACKEND", "smtp"),
            ("EMAIL_HOST", "localhost"),
            ("EMAIL_PORT", &self.port.to_string()),
            ("EMAIL_USE_TLS", "true"),
            ("EMAIL_HOST_USER", USER),
            ("EMAIL_HOST_PASSWORD", PASSWORD),
            ("EMAIL_CA_FILE", &self.certificate().display().to_string()),
            ("DEFAULT_FROM_EMAIL", "Postern <postern@example.test>"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// Has bounces told at that address, as docs/mail.md says; their mails come from [`BOUNCES_TO`].
    pub fn tell_bounces(&self, url: &str, token: &str) {
        let settings = format!(
            "url = \"{url}\"\nheader = \"Authorization: Bearer {token}\"\nheader = \"Content-Type: message/rfc822\"\n\
             data-binary = \"@-\"\nsilent\nshow-error\nfail\nmax-time = 20\n"
        );
        write(self.folder.path().join("conf/postern-bounces"), settings).unwrap();
    }

    /// The certificate that vouches for itself, as a PEM file.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Waits for the next mail in the Maildir of a domain and takes it.
    pub async fn mail(&self, domain: &str) -> Mail {
        let began = Instant::now();
        loop {
            if let Some(mail) = self.mails(domain).pop() {
                return mail;
            }
            assert!(began.elapsed() < LONGEST_WAIT, "no mail in {domain}: {}", self.log());
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Takes the mails that are in the Maildir of a domain now.
    pub fn mails(&self, domain: &str) -> Vec<Mail> {
        let new = self.folder.path().join("mail").join(domain).join("new");
        let files = read_dir(new).into_iter().flatten();
        let take = |file: std::io::Result<fs::DirEntry>| {
            let path = file.unwrap().path();
            let mail = Mail::read(&fs::read(&path).unwrap());
            fs::remove_file(path).unwrap();
            mail
        };
        files.map(take).collect()
    }

    /// Waits until Postfix has logged this.
    pub async fn says(&self, words: &str) {
        let began = Instant::now();
        while !self.log().contains(words) {
            assert!(began.elapsed() < LONGEST_WAIT, "Postfix does not say {words}: {}", self.log());
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// What Postfix has logged.
    pub fn log(&self) -> String {
        read_to_string(self.folder.path().join("maillog")).unwrap_or_default()
    }
}

/// Where Postfix and the tool that makes passwords for it are.
struct Program {
    /// Where script/bootstrap unpacked Debian's packages, or the root of the system.
    root: PathBuf,
    unpacked: bool,
    /// The folder of the programs of which Postfix consists.
    daemons: PathBuf,
}

impl Program {
    fn find() -> Self {
        let unpacked = tools().map(|bin| (bin.with_file_name("postfix"), true));
        for (root, unpacked) in unpacked.into_iter().chain([("/".into(), false)]) {
            for daemons in ["usr/lib/postfix/sbin", "usr/libexec/postfix"].map(|folder| root.join(folder)) {
                if daemons.join("master").is_file() && root.join("usr/sbin/saslpasswd2").is_file() {
                    return Self { root, unpacked, daemons };
                }
            }
        }
        panic!("Postfix is missing, and these tests start the real one. To install it: script/bootstrap");
    }

    fn master(&self) -> Command {
        self.command(self.daemons.join("master"))
    }

    fn saslpasswd2(&self) -> Command {
        self.command(self.root.join("usr/sbin/saslpasswd2"))
    }

    fn command(&self, file: PathBuf) -> Command {
        let mut command = Command::new(file);
        command.env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Where unpacked programs find their libraries, and Cyrus SASL its plugins.
    fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        if !self.unpacked {
            return Vec::new();
        }
        let folders = read_dir(self.root.join("usr/lib")).unwrap().map(|entry| entry.unwrap().path());
        let mut plugins = folders.map(|folder| folder.join("sasl2"));
        let plugins = plugins.find(|folder| folder.join("libplain.so").is_file());
        let plugins = plugins.expect("the plugins of Cyrus SASL should be unpacked: script/bootstrap");
        vec![("LD_LIBRARY_PATH", self.root.join("usr/lib/postfix")), ("SASL_PATH", plugins)]
    }

    /// The lines of main.cf that tell Postfix where it is.
    fn places(&self) -> String {
        let environment = self.environment();
        let environment = environment.iter().map(|(name, value)| format!("{name}={} ", value.display()));
        let daemons = format!("daemon_directory = {}", self.daemons.display());
        let environment =
            format!("import_environment = {}MAIL_CONFIG TZ LANG=C", environment.collect::<String>());
        let libraries = format!("shlib_directory = {}", self.root.join("usr/lib/postfix").display());
        [daemons, environment, if self.unpacked { libraries } else { String::new() }].join("\n")
    }
}

/// Writes everything that Postfix needs into `folder`.
fn prepare(folder: &Path, program: &Program, port: u16, without: &str) {
    let here = folder.display();
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    write(folder.join("cert.pem"), certified.cert.pem()).unwrap();
    write(folder.join("key.pem"), certified.signing_key.serialize_pem()).unwrap();

    let owner = ids(OWNER);
    for (name, mode) in [("conf/sasl", 0o755), ("queue", 0o755), ("data", 0o700), ("mail", 0o700)] {
        create_dir_all(folder.join(name)).unwrap();
        set_permissions(folder.join(name), Permissions::from_mode(mode)).unwrap();
    }
    chown(folder.join("data"), Some(owner.0), None).unwrap();
    chown(folder.join("mail"), Some(ids(MAILBOXES).0), None).unwrap();
    for name in [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop",
        "private", "public", "saved", "trace",
    ] {
        let queue = folder.join("queue").join(name);
        create_dir_all(&queue).unwrap();
        set_permissions(&queue, Permissions::from_mode(0o700)).unwrap();
        chown(&queue, Some(owner.0), None).unwrap();
    }
    create_dir_all(folder.join("queue/pid")).unwrap();

    let places = program.places();
    let (mailboxes, mailbox_group) = ids(MAILBOXES);
    // Nothing here says how an address is read: allow_percent_hack and swap_bangpath are as Postfix has them.
    let main = format!(
        "compatibility_level = 3.6
         queue_directory = {here}/queue
         data_directory = {here}/data
         {places}
         mail_owner = {OWNER}
         setgid_group = {GROUP}
         maillog_file = {here}/maillog
         maillog_file_prefixes = {here}
         myhostname = mail.example.test
         mydestination = example.test
         mynetworks =
         inet_interfaces = loopback-only
         inet_protocols = ipv4
         alias_maps =
         local_transport = virtual
         local_recipient_maps =
         virtual_mailbox_domains = evil.test gone.test
         smtpd_reject_unlisted_recipient = no
         transport_maps = inline:{{ {{ {BOUNCES_TO} = postern-bounces: }} }}
         virtual_mailbox_base = {here}/mail
         virtual_mailbox_maps = inline:{{ {{ @example.test = example.test/ }} {{ @evil.test = evil.test/ }} }}
         virtual_uid_maps = static:{mailboxes}
         virtual_gid_maps = static:{mailbox_group}
         smtpd_tls_security_level = encrypt
         smtpd_tls_auth_only = yes
         smtpd_tls_cert_file = {here}/cert.pem
         smtpd_tls_key_file = {here}/key.pem
         smtpd_discard_ehlo_keywords = {without}
         smtpd_sasl_auth_enable = yes
         smtpd_sasl_type = cyrus
         cyrus_sasl_config_path = {here}/conf/sasl
        "
    );
    // A line that begins with a space would continue the one before.
    let flush_left = |text: &str| text.lines().map(|line| format!("{}\n", line.trim())).collect::<String>();
    write(folder.join("conf/main.cf"), flush_left(&main)).unwrap();
    let curl = curl().display().to_string();
    let master = format!(
        "127.0.0.1:{port} inet n - n - - smtpd
         cleanup unix n - n - 0 cleanup
         qmgr unix n - n 300 1 qmgr
         tlsmgr unix - - n 1000? 1 tlsmgr
         rewrite unix - - n - - trivial-rewrite
         bounce unix - - n - 0 bounce
         defer unix - - n - 0 bounce
         trace unix - - n - 0 bounce
         virtual unix - n n - - virtual
         postern-bounces unix - n n - 2 pipe flags=R user={MAILBOXES} argv={curl} --config {here}/conf/postern-bounces
         anvil unix - - n - 1 anvil
         postlog unix-dgram n - n - 1 postlogd
        "
    );
    write(folder.join("conf/master.cf"), flush_left(&master)).unwrap();

    let passwords = folder.join("conf/sasl/passwords");
    let sasl = format!(
        "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {}\nmech_list: PLAIN LOGIN\n",
        passwords.display()
    );
    write(folder.join("conf/sasl/smtpd.conf"), sasl).unwrap();
    let (user, realm) = USER.split_once('@').unwrap();
    let mut command = program.saslpasswd2();
    command.args(["-c", "-p", "-u", realm, "-f"]).arg(&passwords).arg(user).stdin(Stdio::piped());
    let mut saslpasswd2 = command.spawn().unwrap();
    saslpasswd2.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(saslpasswd2.wait().unwrap().success());
    chown(passwords, Some(owner.0), None).unwrap();
}

/// The program that pipes bounces.
fn curl() -> PathBuf {
    let places = ["/usr/bin/curl", "/usr/local/bin/curl"].map(PathBuf::from);
    let found = places.into_iter().find(|place| place.is_file());
    found.expect("curl is missing, and Postfix pipes bounces to it. As root: apt-get install curl")
}

/// User and group of that name.
fn ids(user: &str) -> (u32, u32) {
    let users = read_to_string("/etc/passwd").unwrap();
    let mut found = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = found.find(|fields| fields[0] == user);
    let fields = found.unwrap_or_else(|| panic!("these tests need the user {user}"));
    (fields[2].parse().unwrap(), fields[3].parse().unwrap())
}
