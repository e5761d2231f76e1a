//! The cable between Postern and PostgreSQL, which a test can pull out, freeze, or cut at a certain moment.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// What happens on the cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything gets through.
    Fair,
    /// Nothing gets through, and nobody is told.
    Frozen,
    /// There is nobody at the other end, and every connection breaks.
    Cut,
}

/// What is cut once, at the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The COMMIT itself.
    Commit,
    /// The answer to it.
    Answer,
}

/// A port on this side of the cable. Connections end with the test.
pub struct Cable {
    port: u16,
    weather: watch::Sender<Weather>,
    loss: Arc<Mutex<Option<Loss>>>,
    /// All that was said to PostgreSQL, connection by connection.
    carried: Carried,
}

type Carried = Arc<Mutex<Vec<Vec<u8>>>>;

impl Cable {
    /// Lays a cable to that port.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().port();
        let (weather, seen) = watch::channel(Weather::Fair);
        let loss = Arc::<Mutex<Option<Loss>>>::default();
        let carried = Carried::default();
        let (lost, carrying) = (Arc::clone(&loss), Arc::clone(&carried));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, port, seen.clone(), Arc::clone(&lost), Arc::clone(&carrying)));
            }
        });
        Self { port: here, weather, loss, carried }
    }

    /// The URL with the cable's port in place of the one at its other end.
    pub fn url(&self, url: &str) -> String {
        let (before, after) = url.split_once("127.0.0.1:").unwrap();
        format!("{before}127.0.0.1:{}/{}", self.port, after.split_once('/').unwrap().1)
    }

    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Loses that at the next commit, and the connection with it.
    pub fn lose(&self, loss: Loss) {
        *self.loss.lock().unwrap() = Some(loss);
    }

    /// How often that was said to PostgreSQL.
    pub fn carried(&self, text: &str) -> usize {
        let count =
            |said: &Vec<u8>| said.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
        self.carried.lock().unwrap().iter().map(count).sum()
    }

    /// Whether it was lost.
    pub fn has_lost(&self) -> bool {
        self.loss.lock().unwrap().is_none()
    }
}

/// Carries a connection until one end closes it, or the weather does.
async fn carry(
    near: TcpStream,
    port: u16,
    seen: watch::Receiver<Weather>,
    loss: Arc<Mutex<Option<Loss>>>,
    carried: Carried,
) {
    if *seen.borrow() == Weather::Cut {
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    near.set_nodelay(true).unwrap();
    far.set_nodelay(true).unwrap();
    let (mut near_reads, mut near_writes) = near.into_split();
    let (mut far_reads, mut far_writes) = far.into_split();
    let connection = {
        let mut carried = carried.lock().unwrap();
        carried.push(Vec::new());
        carried.len() - 1
    };
    let (answers_lost, mut answer_lost) = watch::channel(false);
    let there = async {
        let mut seen = seen.clone();
        while let Some(bytes) = read(&mut near_reads, &mut seen).await {
            carried.lock().unwrap()[connection].extend(&bytes);
            if bytes.windows(6).any(|window| window == b"COMMIT") {
                match loss.lock().unwrap().take() {
                    Some(Loss::Commit) => return,
                    Some(Loss::Answer) => _ = answers_lost.send_replace(true),
                    None => {}
                }
            }
            if !write(&mut far_writes, &bytes).await {
                return;
            }
        }
    };
    let back = async {
        let mut seen = seen.clone();
        while let Some(bytes) = read(&mut far_reads, &mut seen).await {
            if *answer_lost.borrow_and_update() || !write(&mut near_writes, &bytes).await {
                return;
            }
        }
    };
    let mut cut = seen.clone();
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = cut.wait_for(|weather| *weather == Weather::Cut) => {}
    }
}

async fn read(from: &mut OwnedReadHalf, seen: &mut watch::Receiver<Weather>) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 64 * 1024];
    let length = from.read(&mut bytes).await.ok().filter(|length| *length > 0)?;
    bytes.truncate(length);
    seen.wait_for(|weather| *weather != Weather::Frozen).await.ok()?;
    Some(bytes)
}

async fn write(to: &mut OwnedWriteHalf, bytes: &[u8]) -> bool {
    to.write_all(bytes).await.is_ok()
}
