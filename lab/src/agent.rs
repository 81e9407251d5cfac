//! The agent, running on files of an experiment.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::live::{Stack, Texts};
use crate::nginx::signal;
use crate::program::badgateway;

/// A running agent, killed on drop.
pub struct Agent {
    child: Child,
    port: u16,
    words: Receiver<String>,
}

impl Agent {
    /// Starts it with these arguments, and waits until it answers.
    ///
    /// # Panics
    /// With its words when it does not.
    pub fn start(args: &[&str]) -> Agent {
        Agent::start_program(badgateway(), args)
    }

    /// The same with another build of the program.
    ///
    /// # Panics
    /// As above.
    pub fn start_program(program: &Path, args: &[&str]) -> Agent {
        let mut agent = Agent::spawn(program, args);
        agent.listens("http://127.0.0.1:");
        agent.until("it is ready", Duration::from_secs(20), |agent| {
            agent.get("/readyz").0 == 200
        });
        agent
    }

    /// Starts it with a certificate; also gives back its address.
    ///
    /// # Panics
    /// With its words when it does not listen.
    pub fn serving_tls(args: &[&str]) -> (Agent, String) {
        let mut agent = Agent::spawn(badgateway(), args);
        agent.listens("https://127.0.0.1:");
        let url = format!("https://127.0.0.1:{}/", agent.port);
        (agent, url)
    }

    /// Waits until it says where it listens.
    fn listens(&mut self, before: &str) {
        let begin = Instant::now();
        let mut said = Vec::new();
        while self.port == 0 {
            said.extend(self.words.try_iter());
            let address = said.iter().find_map(|line| line.split(before).nth(1));
            if let Some(port) = address.and_then(|rest| rest.trim_end_matches('/').parse().ok()) {
                self.port = port;
            }
            let ended = self.child.try_wait().expect("it is ours");
            let is_late = begin.elapsed() > Duration::from_secs(20);
            assert!(ended.is_none() && !is_late, "{ended:?} {said:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[expect(
        clippy::print_stdout,
        reason = "its words belong to the output of a test that fails"
    )]
    fn spawn(program: &Path, args: &[&str]) -> Agent {
        let mut child = Command::new(program)
            .arg("agent")
            .args(["--listen", "127.0.0.1:0"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("badgateway runs");
        let (sender, words) = channel();
        let err = child.stderr.take().expect("it is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                println!("agent: {line}");
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Agent {
            child,
            port: 0,
            words,
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said since the last time.
    pub fn words(&self) -> Vec<String> {
        self.words.try_iter().collect()
    }

    /// The status and the body of an answer; status 0 when there is none.
    pub fn get(&self, path: &str) -> (u16, String) {
        get(self.port, path)
    }

    /// The value of a series, such as `phpfpm_up{pool="www"}`: of those whose name and labels hold
    /// all these parts the sum; none when there is no such series.
    pub fn value(&self, parts: &[&str]) -> Option<f64> {
        value(&self.get("/metrics").1, parts)
    }

    /// Waits until something is so.
    ///
    /// # Panics
    /// With the metrics when it is not in time.
    pub fn until(&self, what: &str, patience: Duration, is: impl Fn(&Agent) -> bool) -> Duration {
        let begin = Instant::now();
        while !is(self) {
            assert!(
                begin.elapsed() < patience,
                "not within {patience:?}: {what}\n{}\n{}",
                self.get("/readyz").1,
                self.get("/metrics").1
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        begin.elapsed()
    }

    /// Ends it as a crash or the kernel would.
    pub fn kill(mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Asks it to stop; its exit code.
    ///
    /// # Panics
    /// When it does not.
    pub fn stop(mut self) -> Option<i32> {
        signal(self.child.id(), "TERM");
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status.code();
            }
            assert!(
                begin.elapsed() < Duration::from_secs(10),
                "it does not stop"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The sum of the series of a text whose name and labels hold all these parts.
pub fn value(text: &str, parts: &[&str]) -> Option<f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let fitting = lines.filter(|line| parts.iter().all(|part| line.contains(part)));
    let values = fitting.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    values.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

/// GET from this machine.
pub fn get(port: u16, path: &str) -> (u16, String) {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(15)))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        )?;
        let mut text = Vec::new();
        stream.read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    let text = ask().unwrap_or_default();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.unwrap_or(0), body.to_owned())
}

/// A folder's path for an argument.
pub fn shown(path: &Path) -> String {
    PathBuf::from(path).display().to_string()
}

/// nginx in front of one pool of four workers that ends requests after two seconds. Nobody listens
/// for `/gone`.
///
/// # Panics
/// When it does not come up.
pub fn stack() -> Stack {
    let location = "location / { fastcgi_pass unix:@DIR@/fpm.sock; \
                    fastcgi_read_timeout 20s; fastcgi_param SCRIPT_FILENAME @DIR@/www$uri; \
                    fastcgi_param REQUEST_METHOD GET; fastcgi_param SCRIPT_NAME $uri; \
                    fastcgi_param REQUEST_URI $request_uri; \
                    fastcgi_param QUERY_STRING $query_string; }";
    let gone = "location /gone { fastcgi_pass unix:@DIR@/gone.sock; }";
    Stack::start(&Texts {
        http: format!(
            "log_format all '$remote_addr - - [$time_local] \"$request\" $status $body_bytes_sent \"-\" \
             \"-\" $connection $request_time $upstream_status $upstream_response_time';\n\
             server {{ listen 127.0.0.1:@PORT@; server_name shop.example; \
             access_log @DIR@/access.log all; {location} {gone} }}"
        ),
        fpm: "[global]\n[www]\nuser = www-data\ngroup = www-data\nlisten = @DIR@/fpm.sock\n\
              listen.owner = www-data\nlisten.group = www-data\npm = static\npm.max_children = 4\n\
              pm.status_path = /status\npm.status_listen = @DIR@/status.sock\n\
              request_terminate_timeout = 2s\n"
            .to_owned(),
        ..Texts::default()
    })
}
