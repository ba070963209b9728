//! A mail server for tests: it listens on the loopback, speaks as much SMTP as a letter needs and keeps what it is given.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A letter as it came.
#[derive(Debug, Clone, Default)]
pub struct Letter {
    /// Who sends it, by the envelope.
    pub from: String,
    /// Whom it is for, by the envelope.
    pub to: Vec<String>,
    /// Its headers, each on a line of its own.
    pub headers: String,
    /// Its text.
    pub body: String,
}

/// A mail server; it is gone when this is dropped.
pub struct Mailbox {
    letters: Arc<Mutex<Vec<Letter>>>,
    refusal: Arc<Mutex<Option<&'static str>>>,
    serving: JoinHandle<()>,
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Gives an address where nobody listens.
pub async fn nowhere() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

impl Mailbox {
    /// Opens a mail server at an address.
    pub async fn open(at: SocketAddr) -> Mailbox {
        let listener = TcpListener::bind(at).await.unwrap();
        let (letters, refusal) = (Arc::default(), Arc::default());
        let (kept, says) = (Arc::clone(&letters), Arc::clone(&refusal));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that hangs up is done; whether it was content the test sees by what it did.
                let _ = talk(stream, &kept, &says).await;
            }
        });
        Mailbox {
            letters,
            refusal,
            serving,
        }
    }

    /// Answers every recipient with this line from now on, such as `550 no such user`; `None` takes them again.
    pub fn refuse(&self, with: Option<&'static str>) {
        *self.refusal.lock().unwrap() = with;
    }

    /// Gives all that has come.
    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }
}

/// One client's visit, by RFC 5321.
async fn talk(
    stream: TcpStream,
    letters: &Mutex<Vec<Letter>>,
    refusal: &Mutex<Option<&'static str>>,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut letter = Letter::default();
    writer.write_all(b"220 mail.example.com\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let (verb, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => "250-mail.example.com\r\n250 8BITMIME",
            "MAIL" => {
                letter = Letter::default();
                letter.from = address(rest);
                "250 go on"
            }
            "RCPT" => match *refusal.lock().unwrap() {
                Some(refusal) => refusal,
                None => {
                    letter.to.push(address(rest));
                    "250 go on"
                }
            },
            "DATA" => {
                writer.write_all(b"354 tell me\r\n").await?;
                let mut text = Vec::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    text.push(line.strip_prefix('.').map(str::to_owned).unwrap_or(line));
                }
                (letter.headers, letter.body) = read(&text);
                letters.lock().unwrap().push(std::mem::take(&mut letter));
                "250 taken"
            }
            "RSET" | "NOOP" => "250 fine",
            "QUIT" => "221 bye",
            _ => "502 what?",
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn address(argument: &str) -> String {
    let inside = argument.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(argument, |(address, _)| address).to_owned()
}

fn read(lines: &[String]) -> (String, String) {
    let end = lines.iter().position(String::is_empty).unwrap_or(lines.len());
    let (headers, body) = (lines[..end].join("\n"), lines[end..].join("\n"));
    let body = if headers.to_ascii_lowercase().contains("quoted-printable") {
        unquoted(&body)
    } else {
        body
    };
    (headers, body)
}

/// Reads quoted-printable, RFC 2045.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'=', [b'\n', ..]) => rest = &after[1..],
            (b'=', [high, low, ..]) => {
                let hex = [*high, *low];
                let hex = std::str::from_utf8(&hex).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &after[2..];
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}
