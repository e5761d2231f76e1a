//! A small mail server (RFC 5321) that does what a test tells it to.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf},
    sync::Notify,
    time::timeout,
};

use super::Mail;

/// How long something may take that should happen: more than any pause between two tries of a mail.
const PATIENCE: Duration = Duration::from_secs(120);

/// How the next mail is received. After the last one every mail is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// The recipient is answered with this line.
    Answer(&'static str),
    /// This line is the greeting, and the connection is closed.
    Greeting(&'static str),
    /// The command that begins with the first word is answered with this line.
    AnswerTo(&'static str, &'static str),
    /// The text is read, answered with this line and dropped.
    AnswerAfterText(&'static str),
    /// The connection is closed at once.
    HangUp,
    /// Nothing is ever answered.
    Silence,
    /// The connection is closed in the middle of the text.
    HangUpInData,
    /// The text is no longer read from its first line on, and nothing is ever answered.
    SilenceInData,
    /// The text is taken, and that is never said.
    SilenceAfterData,
    /// The text is taken, and that is said once [`MailServer::go_on`] was called.
    PauseAfterData,
}

/// Who may send here, where somebody insists on a password.
pub const MAIL_LOGIN: (&str, &str) = ("postern", "the-password-of-the-mail-server-0123456789");

/// A mail server on a port of its own.
pub struct MailServer {
    port_text: String,
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    receptions: Mutex<VecDeque<Reception>>,
    mails: Mutex<Vec<Mail>>,
    connections: AtomicUsize,
    names: Mutex<Vec<String>>,
    arrived: Notify,
    silent: Notify,
    go_on: Notify,
}

impl MailServer {
    pub async fn start(receptions: &[Reception]) -> Self {
        Self::open(TcpListener::bind("127.0.0.1:0").await.unwrap(), receptions)
    }

    /// Begins to accept what knocks at `listener`.
    pub fn open(listener: TcpListener, receptions: &[Reception]) -> Self {
        let port_text = listener.local_addr().unwrap().port().to_string();
        let desk = Arc::new(Desk {
            receptions: Mutex::new(receptions.iter().copied().collect()),
            ..Desk::default()
        });
        let at_work = Arc::clone(&desk);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let desk = Arc::clone(&at_work);
                tokio::spawn(async move { desk.serve(stream).await });
            }
        });
        Self { port_text, desk }
    }

    /// The settings that make Postern use this server.
    pub fn settings(&self) -> [(&str, &str); 3] {
        [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", &self.port_text)]
    }

    /// The settings that make Postern use this server while the first one fails.
    pub fn fallback_settings(&self) -> [(&str, &str); 2] {
        [("EMAIL_FALLBACK_HOST", "127.0.0.1"), ("EMAIL_FALLBACK_PORT", &self.port_text)]
    }

    /// What those who have come called themselves (EHLO).
    pub fn names(&self) -> Vec<String> {
        self.desk.names.lock().unwrap().clone()
    }

    /// From now on the next mail is received like this.
    pub fn receive(&self, reception: Reception) {
        self.desk.receptions.lock().unwrap().push_back(reception);
    }

    /// Takes the mails that have arrived.
    pub fn mails(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.desk.mails.lock().unwrap())
    }

    /// Waits for the next mail and takes it.
    pub async fn mail(&self) -> Mail {
        let mail = async {
            loop {
                let arrived = self.desk.arrived.notified();
                if let Some(mail) = self.desk.mails.lock().unwrap().pop() {
                    return mail;
                }
                arrived.await;
            }
        };
        timeout(PATIENCE, mail).await.expect("a mail should have come")
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.desk.connections.load(Ordering::SeqCst)
    }

    /// Returns once somebody waits for an answer that will not come, or not yet.
    pub async fn is_silent(&self) {
        timeout(PATIENCE, self.desk.silent.notified()).await.expect("somebody should be waiting");
    }

    /// Ends a [`Reception::PauseAfterData`].
    pub fn go_on(&self) {
        self.desk.go_on.notify_one();
    }
}

/// The line with which a client of ours logs in (RFC 4616).
fn auth_plain() -> String {
    let (user, password) = MAIL_LOGIN;
    format!("AUTH PLAIN {}", STANDARD.encode(format!("\0{user}\0{password}")))
}

impl Desk {
    /// Takes the next reception off the list if it is such a one.
    fn next(&self, such: impl Fn(Reception) -> bool) -> Option<Reception> {
        let mut receptions = self.receptions.lock().unwrap();
        let next = receptions.front().copied().filter(|next| such(*next))?;
        receptions.pop_front();
        Some(next)
    }

    /// Says nothing more, for ever.
    async fn fall_silent(&self) {
        self.silent.notify_one();
        std::future::pending::<()>().await;
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let (reader, mut writer) = stream.into_split();
        let first = |next| matches!(next, Reception::HangUp | Reception::Silence | Reception::Greeting(_));
        match self.next(first) {
            Some(Reception::HangUp) => return None,
            Some(Reception::Greeting(text)) => {
                return writer.write_all(format!("{text}\r\n").as_bytes()).await.ok();
            }
            Some(_) => self.fall_silent().await,
            None => {}
        }
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 mail.example.test\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            if let Some(name) = line.strip_prefix("EHLO ") {
                self.names.lock().unwrap().push(name.to_owned());
            }
            let refused = |next| match next {
                Reception::Answer(_) => line.starts_with("RCPT"),
                Reception::AnswerTo(command, _) => line.starts_with(command),
                _ => false,
            };
            let answer = match (self.next(refused), line.get(..4).unwrap_or_default()) {
                (Some(Reception::Answer(text) | Reception::AnswerTo(_, text)), _) => text,
                (_, "DATA") => {
                    writer.write_all(b"354 go on\r\n").await.ok()?;
                    self.take_mail(&mut lines).await?
                }
                (_, "EHLO") => "250-mail.example.test\r\n250 AUTH PLAIN",
                (_, "AUTH") if line == auth_plain() => "235 welcome",
                (_, "AUTH") => "535 who are you?",
                (_, "QUIT") => "221 bye",
                _ => "250 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }

    /// Reads a mail up to its dot and gives the answer to it; `None` if the connection ends before.
    async fn take_mail(&self, lines: &mut Lines<BufReader<OwnedReadHalf>>) -> Option<&'static str> {
        let reception = self.next(|next| {
            use Reception::{AnswerAfterText, HangUpInData, PauseAfterData, SilenceAfterData, SilenceInData};
            matches!(
                next,
                HangUpInData | SilenceInData | SilenceAfterData | PauseAfterData | AnswerAfterText(_)
            )
        });
        let mut text = String::new();
        loop {
            let line = lines.next_line().await.ok()??;
            match reception {
                Some(Reception::HangUpInData) => return None,
                Some(Reception::SilenceInData) => self.fall_silent().await,
                _ => {}
            }
            if line == "." {
                break;
            }
            text += line.strip_prefix('.').unwrap_or(&line);
            text += "\r\n";
        }
        if let Some(Reception::AnswerAfterText(answer)) = reception {
            return Some(answer);
        }
        self.mails.lock().unwrap().push(Mail::read(text.as_bytes()));
        self.arrived.notify_one();
        match reception {
            Some(Reception::SilenceAfterData) => self.fall_silent().await,
            Some(Reception::PauseAfterData) => {
                self.silent.notify_one();
                self.go_on.notified().await;
            }
            _ => {}
        }
        Some("250 taken")
    }
}
