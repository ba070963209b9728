//! A mock of Twilio's API: takes texts after a random pause, counts them by our own id, and reports what became of them by
//! signed callbacks, which it repeats until they are acknowledged.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::chance::Chance;
use crate::http::{Client, read_form, read_message};
use crate::twilio;

/// How many callbacks are posted side by side.
const CALLERS: usize = 4;
/// How long a callback is repeated that nobody takes.
const CALLBACK_PATIENCE: Duration = Duration::from_secs(60);

/// What the mock has seen, shared by its threads.
#[derive(Default)]
struct Seen {
    /// How often each of our messages came.
    accepted: Mutex<BTreeMap<i64, u32>>,
    /// Our messages whose delivery was acknowledged by the server.
    told: Mutex<BTreeMap<i64, ()>>,
    /// Callbacks under way.
    open: AtomicUsize,
    /// Texts that came.
    count: AtomicUsize,
}

/// A running mock. It ends with the process.
pub struct Mock {
    address: SocketAddr,
    seen: Arc<Seen>,
}

struct Callback {
    url: String,
    sid: String,
    message: i64,
    due: Instant,
}

impl Mock {
    /// Starts it on a free port.
    pub fn start(chance: Chance) -> Result<Mock> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Seen::default());
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..CALLERS {
            let (seen, receiver) = (seen.clone(), receiver.clone());
            std::thread::spawn(move || call_back(&seen, &receiver));
        }
        let inner = seen.clone();
        std::thread::spawn(move || {
            for (n, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { continue };
                // Every connection has its own luck.
                let own = Chance::new(chance.clone().below(u64::MAX) ^ n as u64);
                let (seen, sender) = (inner.clone(), sender.clone());
                std::thread::spawn(move || {
                    // A server that is killed breaks its connections off; what came has been counted.
                    let _ = answer(stream, &seen, &sender, own);
                });
            }
        });
        Ok(Mock { address, seen })
    }

    /// Where it answers.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often each of our messages came.
    pub fn accepted(&self) -> BTreeMap<i64, u32> {
        lock(&self.seen.accepted).clone()
    }

    /// Whether the server has taken the news of this message's delivery.
    pub fn has_told(&self, message: i64) -> bool {
        lock(&self.seen.told).contains_key(&message)
    }

    /// How many callbacks are still to be taken.
    pub fn open(&self) -> usize {
        self.seen.open.load(Ordering::SeqCst)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no one panics while holding it")
}

fn answer(stream: TcpStream, seen: &Seen, sender: &Sender<Callback>, mut chance: Chance) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some((_, body)) = read_message(&mut stream)? {
        let form = read_form(&body);
        let url = form.iter().find(|(name, _)| name == "StatusCallback");
        let url = url.map(|(_, url)| url.clone()).unwrap_or_default();
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let message = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("message="))
            .and_then(|id| id.parse().ok())
            .unwrap_or(0);
        *lock(&seen.accepted).entry(message).or_default() += 1;
        let sid = format!("SM{:032}", seen.count.fetch_add(1, Ordering::SeqCst));
        seen.open.fetch_add(1, Ordering::SeqCst);
        let due = Instant::now() + chance.pause(0, 150);
        let callback = Callback {
            url,
            sid: sid.clone(),
            message,
            due,
        };
        // Nobody listens only when the process ends.
        let _ = sender.send(callback);
        std::thread::sleep(chance.pause(0, 60));
        let json = format!("{{\"sid\": \"{sid}\", \"status\": \"queued\"}}");
        let head = format!(
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            json.len()
        );
        stream.get_mut().write_all((head + &json).as_bytes())?;
    }
    Ok(())
}

fn call_back(seen: &Seen, receiver: &Mutex<Receiver<Callback>>) {
    loop {
        let next = lock(receiver).recv();
        let Ok(callback) = next else { return };
        std::thread::sleep(callback.due.saturating_duration_since(Instant::now()));
        if deliver(&callback).is_some() {
            lock(&seen.told).insert(callback.message, ());
        }
        seen.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Posts the news until it is acknowledged; nothing when nobody took it in time.
fn deliver(callback: &Callback) -> Option<()> {
    let (host, path) = callback.url.strip_prefix("http://")?.split_once('/')?;
    let webhook = twilio::news(&callback.url, &callback.sid, "delivered");
    let mut client = Client::new(host.parse().ok()?);
    let start = Instant::now();
    while start.elapsed() < CALLBACK_PATIENCE {
        if webhook
            .post(&mut client, &format!("/{path}"))
            .is_ok_and(|status| status == 200)
        {
            return Some(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    None
}
