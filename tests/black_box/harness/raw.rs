//! HTTP/1.1 byte by byte: to send what no library would send, and to see what really arrives.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A request or an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The request line or the status line.
    pub first: String,
    /// As they came: in their order and case, repeated ones repeated.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    /// An answer with that status.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        Self {
            first: format!("HTTP/1.1 {status} -"),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// Reads a request; `None` if the other side has nothing more to say.
    pub async fn read_request(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Self> {
        let mut message = Self::read_head(stream).await?;
        message.read_body(stream, false).await?;
        Some(message)
    }

    /// Reads the answer to a request with that method; `None` if the other side hangs up before its head is there.
    pub async fn read_answer(stream: &mut (impl AsyncBufRead + Unpin), method: &str) -> Option<Self> {
        let mut message = Self::read_head(stream).await?;
        if method != "HEAD" && !matches!(message.status(), 101 | 204 | 304) {
            message.read_body(stream, true).await?;
        }
        Some(message)
    }

    async fn read_head(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Self> {
        let first = read_line(stream).await?;
        let mut headers = Vec::new();
        loop {
            let line = read_line(stream).await?;
            if line.is_empty() {
                return Some(Self { first, headers, body: Vec::new() });
            }
            let (name, value) = line.split_once(':')?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    /// Reads what the headers announce, or else, if `to_the_end`, all there is.
    async fn read_body(&mut self, stream: &mut (impl AsyncBufRead + Unpin), to_the_end: bool) -> Option<()> {
        if self.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
            loop {
                let length = usize::from_str_radix(read_line(stream).await?.split(';').next()?, 16).ok()?;
                let begin = self.body.len();
                self.body.resize(begin + length, 0);
                stream.read_exact(&mut self.body[begin..]).await.ok()?;
                read_line(stream).await?;
                if length == 0 {
                    return Some(());
                }
            }
        } else if let Ok(length) = self.header("content-length").parse() {
            self.body.resize(length, 0);
            stream.read_exact(&mut self.body).await.ok()?;
        } else if to_the_end {
            // Some end a TLS connection without a word (close_notify).
            let _ = stream.read_to_end(&mut self.body).await;
        }
        Some(())
    }

    /// Its bytes. An answer gets the length of its body; a request says itself how long it is.
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{}\r\n", self.first);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.first.starts_with("HTTP/") && self.status() != 101 {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        [head.as_bytes(), b"\r\n", &self.body].concat()
    }

    /// Sends a request and reads the answer, while the other side may stop listening to the rest of the request.
    pub async fn exchange(&self, stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite) -> Self {
        let (reader, mut writer) = tokio::io::split(stream);
        let mut reader = BufReader::new(reader);
        let bytes = self.bytes();
        let writing = async {
            let _ = writer.write_all(&bytes).await;
            let _ = writer.flush().await;
        };
        let ((), answer) = tokio::join!(writing, Self::read_answer(&mut reader, self.method()));
        answer.unwrap_or_else(|| panic!("no answer to {self:?}"))
    }

    pub fn method(&self) -> &str {
        self.first.split(' ').next().unwrap()
    }

    /// What a request asks for, as it stands.
    pub fn target(&self) -> &str {
        self.first.split(' ').nth(1).unwrap()
    }

    /// The status of an answer.
    pub fn status(&self) -> u16 {
        self.first.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The first header of that name; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.all(name).first().copied().unwrap_or_default()
    }

    /// All headers of that name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A line without its end.
async fn read_line(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await.ok()?;
    let line = line.strip_suffix(b"\n")?;
    Some(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned())
}

/// A small web server that keeps what it gets, and answers as a test tells it to. Ends with the test.
pub struct Peer {
    pub port: u16,
    received: Arc<Mutex<Vec<Message>>>,
    server: JoinHandle<()>,
}

impl Peer {
    pub async fn start(answer: impl Fn(&Message) -> Message + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (received, answer) = (Arc::<Mutex<Vec<Message>>>::default(), Arc::new(answer));
        let kept = Arc::clone(&received);
        let server = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                connections.spawn(serve(stream, kept, answer));
            }
        });
        Self { port, received, server }
    }

    /// An app that tells as JSON what it got, and agrees to every upgrade: what comes then goes back.
    pub async fn echo() -> Self {
        Self::start(|request| {
            let upgrade = request.header("upgrade");
            if !upgrade.is_empty() {
                return Message::answer(101, &[("Upgrade", upgrade), ("Connection", "Upgrade")], "");
            }
            let got = json!({
                "method": request.method(),
                "target": request.target(),
                "headers": request.headers,
                "body": request.body.len(),
            });
            let body = if request.method() == "HEAD" { String::new() } else { got.to_string() };
            Message::answer(200, &[("Content-Type", "application/json"), ("Set-Cookie", "app=1")], &body)
        })
        .await
    }

    /// Takes what has come so far.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }

    /// Takes the one request that has come.
    #[track_caller]
    pub fn one(&self) -> Message {
        let mut received = self.take();
        assert_eq!(received.len(), 1, "one request was expected: {received:?}");
        received.remove(0)
    }

    /// Hangs up and listens no more.
    pub fn stop(&self) {
        self.server.abort();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(
    stream: TcpStream,
    kept: Arc<Mutex<Vec<Message>>>,
    answer: Arc<impl Fn(&Message) -> Message>,
) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    while let Some(request) = Message::read_request(&mut reader).await {
        let answer = answer(&request);
        kept.lock().unwrap().push(request);
        writer.write_all(&answer.bytes()).await.ok()?;
        if answer.status() == 101 {
            tokio::io::copy_buf(&mut reader, &mut writer).await.ok()?;
        }
    }
    Some(())
}
