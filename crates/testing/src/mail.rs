//! A mail server that keeps what it is given (RFC 5321, as far as a client needs it).

use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A letter that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Every address of the envelope.
    pub to: Vec<String>,
    /// Head and body as they were sent, lines ended by `\n`.
    pub text: String,
}

/// Takes every letter on a port of its own.
#[derive(Debug, Clone)]
pub struct PostOffice {
    letters: Arc<Mutex<Vec<Letter>>>,
    address: String,
}

impl PostOffice {
    /// Opens on a free port of this machine.
    ///
    /// # Panics
    /// If there is none.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let letters = Arc::<Mutex<Vec<Letter>>>::default();
        let kept = Arc::clone(&letters);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    let _ = take(socket, &kept).await;
                });
            }
        });
        Self { letters, address }
    }

    /// Its address as the setting `smtp_url` takes it.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Everything that arrived so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn take(socket: TcpStream, kept: &Mutex<Vec<Letter>>) -> std::io::Result<()> {
    let (reading, mut writing) = socket.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 post office\r\n").await?;
    let (mut to, mut text): (Vec<String>, Option<String>) = (Vec::new(), None);
    while let Some(line) = lines.next_line().await? {
        if let Some(body) = &mut text {
            if line == "." {
                let letter = Letter { to: std::mem::take(&mut to), text: std::mem::take(body) };
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
                text = None;
                writing.write_all(b"250 kept\r\n").await?;
            } else {
                body.push_str(line.strip_prefix('.').unwrap_or(&line));
                body.push('\n');
            }
            continue;
        }
        let word = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" | "HELO" => "250 post office\r\n",
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                to.push(address.to_owned());
                "250 known\r\n"
            }
            "DATA" => {
                text = Some(String::new());
                "354 go on\r\n"
            }
            "QUIT" => {
                writing.write_all(b"221 goodbye\r\n").await?;
                return Ok(());
            }
            _ => "250 yes\r\n",
        };
        writing.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
