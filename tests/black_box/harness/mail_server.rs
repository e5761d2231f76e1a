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
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
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
    /// The command that begins with the first word is answered with this line; what DATA is, BDAT is before it.
    AnswerTo(&'static str, &'static str),
    /// The connection is closed at this command.
    HangUpAt(&'static str),
    /// The text is taken, that is said, and the connection is closed.
    TakeAndHangUp,
    /// The text is read, answered with this line and dropped; after BDAT, and after DATA again.
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

/// The extensions that change how a mail is told (RFC 2920, RFC 3030): what this server offers if nothing else is said, as the large ones do.
pub const ALL: &[&str] = &["PIPELINING", "CHUNKING"];

/// What servers offer of [`ALL`].
pub const OFFERS: [&[&str]; 4] = [&[], &["PIPELINING"], &["CHUNKING"], ALL];

/// Who may send here, where somebody insists on a password.
pub const MAIL_LOGIN: (&str, &str) = ("postern", "the-password-of-the-mail-server-0123456789");

/// A mail server on a port of its own.
pub struct MailServer {
    port_text: String,
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    offers: &'static [&'static str],
    receptions: Mutex<VecDeque<Reception>>,
    mails: Mutex<Vec<Mail>>,
    connections: AtomicUsize,
    turns: AtomicUsize,
    names: Mutex<Vec<String>>,
    arrived: Notify,
    silent: Notify,
    go_on: Notify,
}

impl MailServer {
    pub async fn start(receptions: &[Reception]) -> Self {
        Self::that_offers(ALL, receptions).await
    }

    /// One that offers these extensions and no others.
    pub async fn that_offers(offers: &'static [&'static str], receptions: &[Reception]) -> Self {
        Self::begin(TcpListener::bind("127.0.0.1:0").await.unwrap(), offers, receptions)
    }

    /// Begins to accept what knocks at `listener`.
    pub fn open(listener: TcpListener, receptions: &[Reception]) -> Self {
        Self::begin(listener, ALL, receptions)
    }

    fn begin(listener: TcpListener, offers: &'static [&'static str], receptions: &[Reception]) -> Self {
        let port_text = listener.local_addr().unwrap().port().to_string();
        let desk = Arc::new(Desk {
            offers,
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

    /// What those who have come called themselves (EHLO), each name once while nobody else comes.
    pub fn names(&self) -> Vec<String> {
        let mut names = self.desk.names.lock().unwrap().clone();
        names.dedup();
        names
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

    /// How often a client has waited for an answer before it went on.
    pub fn turns(&self) -> usize {
        self.desk.turns.load(Ordering::SeqCst)
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

/// The answer to a mail after which the server closes the connection.
const TAKEN_AND_GONE: &str = "250 taken, goodbye";

/// The next line, without its end; `None` if the connection ends.
async fn next_line(reader: &mut BufReader<OwnedReadHalf>) -> Option<String> {
    let mut line = String::new();
    let length = reader.read_line(&mut line).await.ok()?;
    (length > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
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

    /// The next reception, which stays the next, if it is such a one.
    fn peek(&self, such: impl Fn(Reception) -> bool) -> Option<Reception> {
        self.receptions.lock().unwrap().front().copied().filter(|next| such(*next))
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
        let mut reader = BufReader::new(reader);
        writer.write_all(b"220 mail.example.test\r\n").await.ok()?;
        let (mut has_sender, mut has_recipient) = (false, false);
        loop {
            let had_to_wait = reader.buffer().is_empty();
            let line = next_line(&mut reader).await?;
            self.turns.fetch_add(usize::from(had_to_wait), Ordering::SeqCst);
            if let Some(name) = line.strip_prefix("EHLO ") {
                self.names.lock().unwrap().push(name.to_owned());
            }
            let refused = |next| match next {
                Reception::Answer(_) => line.starts_with("RCPT"),
                Reception::AnswerTo(command, _) | Reception::HangUpAt(command) => line.starts_with(command),
                _ => false,
            };
            let offers: Vec<_> = self.offers.iter().map(|offer| format!("250-{offer}\r\n")).collect();
            let offers = format!("250-mail.example.test\r\n{}250 AUTH PLAIN", offers.concat());
            let command = line.get(..4).unwrap_or_default();
            let is_about_data = |next| matches!(next, Reception::AnswerTo("DATA", _));
            let length = line.strip_prefix("BDAT ").map(|length| length.split(' ').next()?.parse().ok());
            let reception = match length {
                Some(_) => self.peek(is_about_data).or_else(|| self.next(refused)),
                None => self.next(refused),
            };
            let answer = match (reception, command) {
                (Some(Reception::HangUpAt(_)), _) => return None,
                (Some(Reception::Answer(text) | Reception::AnswerTo(_, text)), _) => {
                    has_recipient = false;
                    if let Some(length) = length {
                        reader.read_exact(&mut vec![0; length?]).await.ok()?;
                    }
                    text
                }
                (_, "DATA") => {
                    if !reader.buffer().is_empty() {
                        // A text before anybody wanted one.
                        return None;
                    }
                    // Also where there is no recipient: that may be said after the text as well (RFC 2920, 3.1).
                    writer.write_all(b"354 go on\r\n").await.ok()?;
                    self.take_mail(&mut reader, None, has_recipient).await?
                }
                (_, "BDAT") => self.take_mail(&mut reader, Some(length??), has_recipient).await?,
                (_, "EHLO") => &offers,
                (_, "AUTH") if line == auth_plain() => "235 welcome",
                (_, "AUTH") => "535 who are you?",
                (_, "QUIT") => "221 bye",
                (_, "MAIL") => {
                    has_sender = true;
                    "250 ok"
                }
                (_, "RCPT") if !has_sender => "503 5.5.1 whose mail?",
                (_, "RCPT") => {
                    has_recipient = true;
                    "250 ok"
                }
                _ => "250 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
            if answer == TAKEN_AND_GONE {
                return None;
            }
            has_sender &= !matches!(command, "DATA" | "BDAT" | "RSET");
            has_recipient &= has_sender;
        }
    }

    /// Reads a mail, of this `length` or up to its dot, and gives the answer to it; `None` if the connection ends before.
    async fn take_mail(
        &self,
        reader: &mut BufReader<OwnedReadHalf>,
        length: Option<usize>,
        has_recipient: bool,
    ) -> Option<&'static str> {
        let reception = self.next(|next| {
            use Reception::{
                AnswerAfterText, HangUpInData, PauseAfterData, SilenceAfterData, SilenceInData, TakeAndHangUp,
            };
            has_recipient
                && matches!(
                    next,
                    HangUpInData
                        | SilenceInData
                        | SilenceAfterData
                        | PauseAfterData
                        | TakeAndHangUp
                        | AnswerAfterText(_)
                )
        });
        match reception {
            Some(Reception::HangUpInData) => {
                next_line(reader).await?;
                return None;
            }
            Some(Reception::SilenceInData) => self.fall_silent().await,
            _ => {}
        }
        let mut text = String::new();
        if let Some(length) = length {
            let mut bytes = vec![0; length];
            reader.read_exact(&mut bytes).await.ok()?;
            text = String::from_utf8(bytes).ok()?;
        } else {
            self.turns.fetch_add(1, Ordering::SeqCst);
            loop {
                let line = next_line(reader).await?;
                if line == "." {
                    break;
                }
                text += line.strip_prefix('.').unwrap_or(&line);
                text += "\r\n";
            }
        }
        if !has_recipient {
            return Some("554 5.5.1 no valid recipients");
        }
        if let Some(again @ Reception::AnswerAfterText(answer)) = reception {
            if length.is_some() {
                self.receptions.lock().unwrap().push_front(again);
            }
            return Some(answer);
        }
        self.mails.lock().unwrap().push(Mail::read(text.as_bytes()));
        self.arrived.notify_one();
        match reception {
            Some(Reception::TakeAndHangUp) => return Some(TAKEN_AND_GONE),
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
