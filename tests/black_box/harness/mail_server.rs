//! A small mail server (RFC 5321) that does what a test tells it to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use super::Mail;

/// How the next mail is received. After the last one every mail is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// The recipient is answered with this line.
    Answer(&'static str),
    /// The connection is closed at once.
    HangUp,
    /// Nothing is ever answered.
    Silence,
}

/// A mail server on a port of its own.
pub struct MailServer {
    pub port: u16,
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    receptions: Mutex<VecDeque<Reception>>,
    mails: Mutex<Vec<Mail>>,
    silent: Notify,
}

impl MailServer {
    pub async fn start(receptions: &[Reception]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
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
        Self { port, desk }
    }

    /// The settings that make Postern use this server.
    pub fn settings(&self) -> [(String, String); 3] {
        [("EMAIL_BACKEND", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", &self.port.to_string())]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    }

    /// Takes the mails that have arrived.
    pub fn mails(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.desk.mails.lock().unwrap())
    }

    /// Returns once somebody waits for an answer that will not come.
    pub async fn is_silent(&self) {
        self.desk.silent.notified().await;
    }
}

impl Desk {
    /// Takes the next reception off the list if it is such a one.
    fn next(&self, such: impl Fn(Reception) -> bool) -> Option<Reception> {
        let mut receptions = self.receptions.lock().unwrap();
        receptions.front().copied().filter(|next| such(*next)).inspect(|_| _ = receptions.pop_front())
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        match self.next(|next| !matches!(next, Reception::Answer(_))) {
            Some(Reception::HangUp) => return None,
            Some(_) => {
                self.silent.notify_one();
                std::future::pending::<()>().await;
            }
            None => {}
        }
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 mail.example.test\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let refused = match self.next(|_| line.starts_with("RCPT")) {
                Some(Reception::Answer(text)) => Some(text),
                _ => None,
            };
            let answer = match (refused, line.get(..4).unwrap_or_default()) {
                (Some(text), _) => text,
                (_, "DATA") => {
                    writer.write_all(b"354 go on\r\n").await.ok()?;
                    let mut text = String::new();
                    while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                        text += line.strip_prefix('.').unwrap_or(&line);
                        text += "\r\n";
                    }
                    self.mails.lock().unwrap().push(Mail::read(text.as_bytes()));
                    "250 taken"
                }
                (_, "QUIT") => "221 bye",
                _ => "250 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }
}
