//! The files of dist/ for systemd, judged by systemd's own tools, and the binary as systemd starts it: on a socket that is
//! open already, and with a SIGHUP that comes early.

use std::{
    fs::{self, Permissions},
    io::Write,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        net::UnixListener,
    },
    path::Path,
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::{block_in_place, yield_now},
};

use crate::harness::Child;

/// The worst rating that the unit may have, in tenths: of 0 (safe) to 100.
const WORST_RATING: &str = "25";

fn dist(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("dist").join(name)).unwrap()
}

/// Runs a tool of systemd's.
fn tool(name: &str, arguments: &[&str]) -> Output {
    let found = Command::new(name).args(arguments).env("SYSTEMD_PAGER", "").output();
    found.unwrap_or_else(|error| {
        panic!("{name} cannot be run ({error}), and these tests need it. As root: apt-get install systemd")
    })
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The units in a folder, the service with the binary of these tests.
fn units() -> (TempDir, [String; 2]) {
    let folder = TempDir::new().unwrap();
    let service = dist("postern.service");
    let started = "ExecStart=/usr/bin/postern\n";
    assert!(service.contains(started));
    let service = service.replace(started, &format!("ExecStart={}\n", env!("CARGO_BIN_EXE_postern")));
    let paths =
        ["postern.service", "postern.socket"].map(|name| folder.path().join(name).display().to_string());
    fs::write(&paths[0], service).unwrap();
    fs::write(&paths[1], dist("postern.socket")).unwrap();
    (folder, paths)
}

#[test]
fn systemd_finds_no_mistake_in_the_units() {
    let (_folder, [service, socket]) = units();
    let verified = tool("systemd-analyze", &["verify", "--man=no", &service, &socket]);
    assert!(verified.status.success() && words(&verified).is_empty(), "{}", words(&verified));
    // It does find some.
    fs::write(&service, dist("postern.service").replace("ProtectSystem=strict", "ProtectSystem=strictly"))
        .unwrap();
    let verified = tool("systemd-analyze", &["verify", "--man=no", &service]);
    assert!(words(&verified).contains("strictly"), "{}", words(&verified));
}

#[test]
fn systemd_rates_the_unit_better_than_two_and_a_half() {
    let (_folder, [service, _]) = units();
    let rate = |service: &str| {
        tool("systemd-analyze", &["security", "--offline=true", "--threshold", WORST_RATING, service])
    };
    let rated = rate(&service);
    assert!(rated.status.success(), "{}", words(&rated));
    // The same without one of its walls is not.
    let open = dist("postern.service").replace("CapabilityBoundingSet=\n", "");
    fs::write(&service, open).unwrap();
    assert!(!rate(&service).status.success());
}

#[test]
fn the_user_and_the_folders_are_made_and_the_secrets_are_for_postern_and_root() {
    let root = TempDir::new().unwrap();
    let at = |name: &str| root.path().join(name);
    for folder in ["etc/sysusers.d", "etc/tmpfiles.d", "etc/postern"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    fs::write(at("etc/sysusers.d/postern.conf"), dist("sysusers.conf")).unwrap();
    fs::write(at("etc/tmpfiles.d/postern.conf"), dist("tmpfiles.conf")).unwrap();
    fs::write(at("etc/postern/postern.env"), "SECRET_KEY=").unwrap();
    fs::set_permissions(at("etc/postern/postern.env"), Permissions::from_mode(0o644)).unwrap();
    let there = format!("--root={}", root.path().display());
    for (name, arguments) in [
        ("systemd-sysusers", &[&*there, "postern.conf"][..]),
        ("systemd-tmpfiles", &[&*there, "--create", "postern.conf"]),
    ] {
        let done = tool(name, arguments);
        assert!(done.status.success(), "{name}: {}", words(&done));
    }
    let users = fs::read_to_string(at("etc/passwd")).unwrap();
    let user = users.lines().find(|line| line.starts_with("postern:")).unwrap();
    let fields: Vec<&str> = user.split(':').collect();
    let (uid, gid): (u32, u32) = (fields[2].parse().unwrap(), fields[3].parse().unwrap());
    assert!(fields[6].ends_with("nologin"), "{user}");
    for name in ["var/lib/postern", "var/backups/postern"] {
        let folder = fs::metadata(at(name)).unwrap();
        assert_eq!((folder.mode() & 0o777, folder.uid(), folder.gid()), (0o700, uid, gid), "{name}");
    }
    for (link, target) in [("etc/postern/.env", "postern.env"), ("etc/postern/data", "/var/lib/postern")] {
        assert_eq!(fs::read_link(at(link)).unwrap(), Path::new(target));
    }
    let secrets = fs::metadata(at("etc/postern/postern.env")).unwrap();
    assert_eq!((secrets.mode() & 0o777, secrets.uid(), secrets.gid()), (0o640, 0, gid));
}

#[test]
fn what_the_unit_runs_beside_postern_is_on_every_debian() {
    let service = dist("postern.service");
    let lines = service.lines().filter(|line| line.starts_with("Exec") && !line.starts_with("ExecStart="));
    let programs: Vec<_> =
        lines.map(|line| line.split_once('=').unwrap().1.trim_start_matches(['-', '+'])).collect();
    assert_eq!(programs.len(), 2, "{programs:?}");
    // kill(1) is in procps, which a small one does not have; the shell has one of its own.
    for program in programs {
        assert!(program.starts_with("/bin/sh -c "), "{program}");
    }
}

#[test]
fn no_fault_that_lasts_ends_the_service_for_good() {
    let service = dist("postern.service");
    for line in ["StartLimitIntervalSec=0", "Restart=on-failure", "RestartPreventExitStatus=2 78"] {
        assert!(service.lines().any(|found| found == line), "{line}");
    }
    // A visitor at the socket starts it as well, but for that.
    assert!(service.contains("2 | 78) systemctl --no-block stop postern.socket"));
}

#[test]
fn the_document_names_the_files_and_repeats_none() {
    let document =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/deployment.md")).unwrap();
    for name in ["postern.service", "postern.socket", "sysusers.conf", "tmpfiles.conf"] {
        assert!(document.contains(&format!("dist/{name}")), "{name}");
    }
    for line in ["[Service]", "ExecStart=", "NoNewPrivileges="] {
        assert!(!document.contains(line), "{line} is in dist/postern.service");
    }
}

/// Asks one thing after the other, each on a connection of its own, until `enough`; gives what went wrong.
async fn ask_all_the_time(port: u16, enough: Arc<AtomicBool>, answered: Arc<AtomicUsize>) -> Vec<String> {
    let mut wrong = Vec::new();
    while !enough.load(Ordering::SeqCst) {
        match ask(port).await {
            Ok(answer) if answer.starts_with("HTTP/1.1 200 OK\r\n") => {
                answered.fetch_add(1, Ordering::SeqCst);
            }
            Ok(answer) => wrong.push(answer),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    wrong
}

async fn ask(port: u16) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_on_the_socket_of_systemd_refuses_nobody() {
    let folder = TempDir::new().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    // As a deployed server has it, and shorter: what was connected before the signal has a moment to ask.
    let settings = [("DRAIN_TIME", "1s")];
    let start = || Child::start_on_socket(socket.try_clone().unwrap(), 1, port, folder.path(), &settings);
    let (enough, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    // Whoever comes before there is a server waits for it.
    let visitors: Vec<_> = (0..4)
        .map(|_| tokio::spawn(ask_all_the_time(port, Arc::clone(&enough), Arc::clone(&answered))))
        .collect();
    let go_on = async || {
        let before = answered.load(Ordering::SeqCst);
        while answered.load(Ordering::SeqCst) < before + 20 {
            yield_now().await;
        }
    };
    for _ in 0..3 {
        let mut child = start();
        assert!(block_in_place(|| child.is_ready()));
        go_on().await;
        let said = block_in_place(|| child.stop());
        assert!(said.contains("listening on the socket of the service manager"), "{said}");
    }
    let mut child = start();
    assert!(block_in_place(|| child.is_ready()));
    go_on().await;
    enough.store(true, Ordering::SeqCst);
    for visitor in visitors {
        assert_eq!(visitor.await.unwrap(), Vec::<String>::new());
    }
    block_in_place(|| child.stop());

    // Without systemd's socket the same port is closed as soon as its server is.
    drop(socket);
    assert!(ask(port).await.is_err());
}

#[test]
fn what_is_no_single_socket_of_tcp_ends_the_start_with_what_to_write() {
    let folder = TempDir::new().unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let unix = UnixListener::bind(folder.path().join("socket")).unwrap();
    let two = Child::start_on_socket(tcp, 2, 1, folder.path(), &[]);
    let other = Child::start_on_socket(unix, 1, 1, folder.path(), &[]);
    let wide = TcpListener::bind("0.0.0.0:0").unwrap();
    let wide = Child::start_on_socket(wide, 1, 1, folder.path(), &[]);
    for (mut child, words) in [
        (two, "hands over 2 sockets"),
        (other, "ListenStream=127.0.0.1:3000"),
        (wide, "this is a development server"),
    ] {
        let (status, said) = child.end_with_status();
        assert!(status == Some(1) && said.contains(words), "{status:?}: {said}");
    }
}

#[test]
fn a_hang_up_while_the_settings_are_read_ends_nothing_and_is_not_forgotten() {
    let folder = TempDir::new().unwrap();
    let dotenv = folder.path().join(".env");
    let made = Command::new("mkfifo").arg(&dotenv).status().unwrap();
    assert!(made.success());
    let (port, settings) = (crate::harness::free_port(), [("CREDENTIALS", "")]);
    let mut child = Child::start_on_port(port, folder.path(), &settings);
    // Opens once the server reads its settings, which it does before anything else.
    let mut slow = fs::OpenOptions::new().write(true).open(&dotenv).unwrap();
    child.signal("HUP");
    // What is there when it looks again.
    let next = folder.path().join("next");
    fs::write(&next, "CREDENTIALS='[\"ada@example.com\", \"bob@example.com\"]'\n").unwrap();
    fs::rename(&next, &dotenv).unwrap();
    slow.write_all(b"CREDENTIALS='[\"ada@example.com\"]'\n").unwrap();
    drop(slow);
    assert!(child.is_ready());
    assert!(child.says(|line| line.contains("the allowlist was read again") && line.contains("entries=2")));
    child.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_of_systemd_elsewhere_than_the_settings_say_is_warned_of() {
    let folder = TempDir::new().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    for (wanted, warns) in [(port, false), (9, true)] {
        let wanted = format!("127.0.0.1:{wanted}");
        let settings = [("LEPTOS_SITE_ADDR", &*wanted)];
        let mut child =
            Child::start_on_socket(socket.try_clone().unwrap(), 1, port, folder.path(), &settings);
        assert!(block_in_place(|| child.is_ready()));
        let said = block_in_place(|| child.stop());
        assert_eq!(said.contains("and not at LEPTOS_SITE_ADDR"), warns, "{said}");
    }
}
