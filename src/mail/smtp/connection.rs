//! One connection to a mail server, and the dialogue on it.
//!
//! A far server takes a while for each answer, so a mail is told in as few turns as the server can take: commands together
//! (PIPELINING, RFC 2920), and the text with them, by its length (CHUNKING, RFC 3030). Each command has its own answer all the same,
//! so that a refusal is known to be about us or about the mail.

use lettre::{
    Address, Message,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
        commands::{Data, Ehlo, Mail, Noop, Rcpt, Rset},
        extension::{ClientId, Extension, MailParameter},
        response::Response,
    },
};

use super::refusal::{Failure, Step};

/// A command, and what is being said with it.
type Command = (Step, String);

/// A connection on which a mail can begin, once [`Self::learn`] was called.
pub struct Connection {
    dialogue: AsyncSmtpConnection,
    /// Whether the server takes commands together.
    pipelining: bool,
    /// Whether the server takes a text by its length.
    chunking: bool,
}

impl Connection {
    /// Greets the server at the other end of `stream`.
    ///
    /// # Errors
    /// If it turns us away, or does not answer.
    pub async fn greet(stream: Box<dyn AsyncTokioStream>, name: &ClientId) -> Result<Self, Failure> {
        let dialogue = AsyncSmtpConnection::connect_with_transport(stream, name).await;
        let dialogue = dialogue.map_err(|error| Step::Greeting.failed(&error))?;
        Ok(Self { dialogue, pipelining: false, chunking: false })
    }

    /// Goes on inside TLS.
    ///
    /// # Errors
    /// If the server does not offer it: nothing more is said in the clear (RFC 3207). And as TLS fails.
    pub async fn start_tls(&mut self, tls: TlsParameters, name: &ClientId) -> Result<(), Failure> {
        self.dialogue.starttls(tls, name).await.map_err(|error| Step::Tls.failed(&error))
    }

    /// Asks what the server can do: lettre reads of the answer only what it uses itself.
    ///
    /// # Errors
    /// If the connection fails. A server that refuses to be asked again can nothing more.
    pub async fn learn(&mut self, name: &ClientId) -> Result<(), Failure> {
        match self.dialogue.command(Ehlo::new(name.clone())).await {
            Ok(answer) => {
                self.pipelining = offers(&answer, "PIPELINING");
                self.chunking = offers(&answer, "CHUNKING");
            }
            Err(error) if error.is_permanent() => {}
            Err(error) => return Err(Step::Greeting.failed(&error)),
        }
        Ok(())
    }

    /// Tells texts by DATA, whatever the server offers.
    pub fn use_data(&mut self) {
        self.chunking = false;
    }

    /// Says who we are.
    ///
    /// # Errors
    /// If the server does not believe us.
    pub async fn log_in(&mut self, credentials: &Credentials) -> Result<(), Failure> {
        let answer = self.dialogue.auth(DEFAULT_MECHANISMS, credentials).await;
        answer.map(drop).map_err(|error| Step::Auth.failed(&error))
    }

    /// Brings one mail across.
    ///
    /// # Errors
    /// As the server refuses it; the connection is of no more use then.
    pub async fn hand_over(&mut self, message: &Message) -> Result<(), Failure> {
        let envelope = message.envelope();
        let mut commands = vec![self.mail_from(envelope.from())?];
        let recipients = envelope.to().iter().map(|to| Rcpt::new(to.clone(), Vec::new()).to_string());
        commands.extend(recipients.map(|recipient| (Step::Recipient, recipient)));
        let text = message.formatted();
        if self.chunking {
            // What lettre writes is UTF-8.
            let chunk = String::from_utf8(text)
                .unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned());
            commands.push((Step::Chunk, format!("BDAT {} LAST\r\n{chunk}", chunk.len())));
            return self.say(&commands).await;
        }
        commands.push((Step::Data, Data.to_string()));
        self.say(&commands).await?;
        self.dialogue.message(&text).await.map(drop).map_err(|error| Step::Text.failed(&error))
    }

    /// Goes as far as a mail from `sender` would before it names its recipient, and takes it back.
    ///
    /// # Errors
    /// As the server refuses it.
    pub async fn would_take(&mut self, sender: Option<&Address>) -> Result<(), Failure> {
        let sender = self.mail_from(sender)?;
        self.say(&[sender, (Step::Sender, Rset.to_string())]).await
    }

    /// Whether there is still somebody at the other end.
    pub async fn still_answers(&mut self) -> bool {
        self.dialogue.command(Noop).await.is_ok()
    }

    /// Says goodbye.
    pub async fn end(&mut self) {
        self.dialogue.abort().await;
    }

    /// The command that says whose mail it is.
    fn mail_from(&self, sender: Option<&Address>) -> Result<Command, Failure> {
        // Recipients are in ASCII, as EmailAddress has them, and so is the text, for lettre encodes what is not.
        let mut parameters = Vec::new();
        if sender.is_some_and(|sender| !sender.to_string().is_ascii()) {
            if !self.dialogue.server_info().supports_feature(Extension::SmtpUtfEight) {
                let reason = "it does not take senders that are not in ASCII (SMTPUTF8)";
                return Err(Step::Sender.refused(reason.to_owned()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        Ok((Step::Sender, Mail::new(sender.cloned(), parameters).to_string()))
    }

    /// Says these one after the other, or together where the server takes that; ends with the first that is refused. What is still to
    /// be answered then is never read: a server that waits for a text gets the end of the connection.
    async fn say(&mut self, commands: &[Command]) -> Result<(), Failure> {
        let together = if self.pipelining { commands.len() } else { 1 };
        for group in commands.chunks(together) {
            let mut words = Some(group.iter().map(|(_, words)| words.as_str()).collect::<String>());
            for (step, _) in group {
                let answer = match words.take() {
                    Some(words) => self.dialogue.command(words).await,
                    None => self.dialogue.read_response().await,
                };
                answer.map_err(|error| step.failed(&error))?;
            }
        }
        Ok(())
    }
}

/// Whether the answer to EHLO has a line that begins with this keyword (RFC 5321, 4.1.1.1).
fn offers(answer: &Response, keyword: &str) -> bool {
    let first_words = answer.message().skip(1).filter_map(|line| line.split_whitespace().next());
    first_words.into_iter().any(|word| word.eq_ignore_ascii_case(keyword))
}
