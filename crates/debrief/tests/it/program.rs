//! The real program: its commands, and a server of a test's own.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant as Stopwatch},
};

/// Longer than anything here takes on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// `debrief` with nothing of ours in its environment.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_debrief"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DEBRIEF_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs `debrief` to its end.
pub fn debrief(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// What it printed after ending well.
#[track_caller]
pub fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}", output.status, said(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it said to whoever typed it.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The sentence it ended with, status 1.
#[track_caller]
pub fn refusal(output: &Output) -> String {
    let sentence = said(output);
    assert_eq!(output.status.code(), Some(1), "{sentence}");
    assert!(sentence.contains("debrief: ") && !sentence.contains("panicked"), "{sentence}");
    sentence
}

/// A server on a free port of this machine; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
    /// What it printed before it served.
    pub greeting: String,
}

impl Server {
    pub fn start(folder: &Path, database: &str) -> Self {
        Self::start_with(folder, database, &[])
    }

    pub fn start_with(folder: &Path, database: &str, more: &[&str]) -> Self {
        Self::start_saying(folder, database, more, Stdio::inherit())
    }

    /// The same with its log somewhere else.
    pub fn start_saying(folder: &Path, database: &str, more: &[&str], log: Stdio) -> Self {
        let folder = folder.to_str().unwrap();
        let mut arguments =
            vec!["serve", "--listen", "127.0.0.1:0", "--data-dir", folder, "--database-url", database];
        if !more.contains(&"--log") {
            arguments.extend(["--log", "warn"]);
        }
        arguments.extend(more);
        let mut child = command(&arguments).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut greeting = String::new();
        // The address stands on the line that ends the greeting.
        while !greeting.contains("http://") {
            let line = lines.next().expect("the server greets before it ends").unwrap();
            greeting.push_str(&line);
            greeting.push('\n');
        }
        let address = greeting.split("http://").nth(1).unwrap();
        let address = address.split(['/', '\n']).next().unwrap().to_owned();
        let server = Self { child, address, greeting };
        server.becomes_ready();
        server
    }

    fn becomes_ready(&self) {
        let began = Stopwatch::now();
        while TcpStream::connect(&self.address).is_err() || self.get("/healthz", "").status != 200 {
            assert!(began.elapsed() < PATIENCE, "the server never became ready");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to stop, as an init system does.
    pub fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Asks it to stop; how it ended.
    pub fn stop(mut self) -> std::process::ExitStatus {
        self.ask_to_stop();
        let began = Stopwatch::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "the server does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Its resident memory in bytes, where the system says so.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    }

    /// A power cut, as far as a process can have one.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn get(&self, path: &str, cookie: &str) -> Heard {
        self.send("GET", path, cookie, "", "")
    }

    pub fn post(&self, path: &str, cookie: &str, form: &str) -> Heard {
        self.send("POST", path, cookie, "application/x-www-form-urlencoded", form)
    }

    pub fn json(&self, path: &str, cookie: &str, body: &str) -> Heard {
        self.send("POST", path, cookie, "application/json", body)
    }

    fn send(&self, method: &str, path: &str, cookie: &str, kind: &str, body: &str) -> Heard {
        let mut line = TcpStream::connect(&self.address).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        let host = &self.address;
        // HTTP/1.0, so that the answer ends where the line does.
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        line.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let cookie = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next().unwrap().to_owned())
        });
        Heard { status, cookie: cookie.unwrap_or_default(), body: body.to_owned() }
    }

    /// Uses the set-up link of the greeting; the cookie of the first administrator.
    pub fn set_up(&self) -> String {
        let path = self.greeting.split(&self.address).nth(1).unwrap().trim().to_owned();
        assert!(path.starts_with("/links/"), "{}", self.greeting);
        let form = "workspace=Larkfare&name=Ada+Lindqvist&email=ada%40larkfare.example&passphrase=eleven+wet+lanterns";
        let heard = self.post(&path, "", form);
        assert_eq!(heard.status, 303, "{}", heard.body);
        heard.cookie
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer over the line.
#[derive(Debug)]
pub struct Heard {
    pub status: u16,
    pub cookie: String,
    pub body: String,
}
