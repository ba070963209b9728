//! A demo server of our own for a test run, on a free port and in a temporary folder.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a server may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it stops, and its folder goes, when this is dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
}

impl Server {
    /// Starts the demo company and waits until it is ready; what the server prints goes to `log`.
    pub fn start_demo(binary: &Path, log: &Path) -> Result<Server> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let folder = std::env::temp_dir().join(format!("rapport-server-{}-{}", std::process::id(), address.port()));
        let output = File::create(log).with_context(|| format!("{}", log.display()))?;
        let mut command = Command::new(binary);
        command
            .arg("demo")
            .arg("--data")
            .arg(&folder)
            .arg("--listen")
            .arg(address.to_string());
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut server = Server { child, address, folder };
        server
            .wait_until_ready()
            .with_context(|| format!("its log is {}", log.display()))?;
        Ok(server)
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The file that tells scripts the demo's sign-ins and channels.
    pub fn demo_file(&self) -> PathBuf {
        self.folder.join("demo.json")
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while !is_ready(self.address) {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status} before it was ready");
            }
            if start.elapsed() > PATIENCE {
                bail!("the server is not ready after {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nobody needs what it holds: there is no reason to let it end in peace.
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended.and_then(|_| fs::remove_dir_all(&self.folder)) {
            eprintln!("{} may be left over: {error}", self.folder.display());
        }
    }
}

/// Whether a server says that it is ready.
pub fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let question = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(question.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready_with(answer: &'static str) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 512];
            let length = stream.read(&mut asked).unwrap();
            assert!(asked[..length].starts_with(b"GET /readyz "));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let ready = is_ready(address);
        server.join().unwrap();
        ready
    }

    #[test]
    fn a_server_is_ready_when_it_says_so() {
        assert!(ready_with("HTTP/1.1 200 OK\r\n\r\n"));
        assert!(!ready_with("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
    }

    #[test]
    fn a_server_that_ends_at_once_is_reported() {
        let log = std::env::temp_dir().join(format!("xtask-server-{}.log", std::process::id()));
        let error = Server::start_demo(Path::new("/bin/false"), &log).err().unwrap();
        fs::remove_file(&log).unwrap();
        assert!(format!("{error:#}").contains("ended with"), "{error:#}");
    }
}
