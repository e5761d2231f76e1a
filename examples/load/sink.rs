//! A mail server that delivers to whoever waits (RFC 5321). Like Postfix it takes commands together and texts by their length
//! (RFC 2920, RFC 3030), and answers whenever there is nothing left to read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use mail_parser::MessageParser;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::Failure;

/// Those who wait for a mail, by address, and how each hears of the link in it.
#[derive(Clone, Default)]
pub struct Mails {
    waiting: Arc<Mutex<HashMap<String, oneshot::Sender<String>>>>,
}

impl Mails {
    /// Takes mails at this address from now on.
    pub async fn listen(address: &str) -> Result<Self, Failure> {
        let (listener, mails) = (TcpListener::bind(address).await?, Self::default());
        let here = mails.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A dialogue that breaks off delivers nothing, and whoever waits says so.
                tokio::spawn(dialogue(stream, here.clone()));
            }
        });
        Ok(mails)
    }

    /// The link in the next mail to this address.
    pub fn next(&self, email: &str) -> oneshot::Receiver<String> {
        let (sender, receiver) = oneshot::channel();
        self.waiting().insert(email.to_owned(), sender);
        receiver
    }

    fn deliver(&self, email: &str, message: &[u8]) {
        let parsed = MessageParser::default().parse(message);
        let text = parsed.as_ref().and_then(|message| message.body_text(0)).unwrap_or_default();
        let Some(link) =
            text.split_whitespace().find(|word| word.starts_with("http") && word.contains("token="))
        else {
            return;
        };
        if let Some(waits) = self.waiting().remove(email) {
            // Nobody may wait any more.
            let _ = waits.send(link.to_owned());
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<String>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn dialogue(stream: TcpStream, mails: Mails) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let (mut recipient, mut answers) = (String::new(), b"220 mail.test ESMTP\r\n".to_vec());
    loop {
        if stream.buffer().is_empty() {
            stream.write_all(&answers).await?;
            answers.clear();
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-mail.test\r\n250-PIPELINING\r\n250 CHUNKING\r\n",
            "RCPT" => {
                recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                b"250 ok\r\n"
            }
            "DATA" => {
                answers.extend_from_slice(b"354 go on\r\n");
                stream.write_all(&answers).await?;
                answers.clear();
                mails.deliver(&recipient, &message(&mut stream).await?);
                b"250 taken\r\n"
            }
            "BDAT" => {
                // In one piece: nobody here sends several.
                let mut text = vec![0; line.split_whitespace().nth(1).unwrap_or_default().parse()?];
                if stream.buffer().len() < text.len() {
                    stream.write_all(&answers).await?;
                    answers.clear();
                }
                stream.read_exact(&mut text).await?;
                mails.deliver(&recipient, &text);
                b"250 taken\r\n"
            }
            "QUIT" => {
                answers.extend_from_slice(b"221 goodbye\r\n");
                return Ok(stream.write_all(&answers).await?);
            }
            _ => b"250 ok\r\n",
        };
        answers.extend_from_slice(answer);
    }
}

/// What comes up to the line with nothing but a dot.
async fn message(stream: &mut BufReader<TcpStream>) -> Result<Vec<u8>, Failure> {
    let mut message = Vec::new();
    loop {
        let begin = message.len();
        if stream.read_until(b'\n', &mut message).await? == 0 {
            return Err("the dialogue ended within a mail".into());
        }
        match &message[begin..] {
            b".\r\n" => {
                message.truncate(begin);
                return Ok(message);
            }
            [b'.', ..] => drop(message.remove(begin)),
            _ => {}
        }
    }
}
