//! Showing a request, and waiting for a yes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use console::Term;
use refactor::{Header, Request, Session};

use crate::applying::counted;
use crate::talk;

/// Writes a request: address, headers, an empty line, and the body byte for byte.
pub(crate) fn print(request: &Request, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "POST {}", request.url)?;
    for (name, value) in &request.headers {
        match value {
            Header::Text(text) => writeln!(out, "{name}: {text}")?,
            Header::Key(before) => writeln!(out, "{name}: {before}(your key)")?,
        }
    }
    writeln!(out)?;
    // All of it is ASCII without control characters.
    out.write_all(&request.body)?;
    writeln!(out)
}

/// Shows a request and asks; without a terminal nobody can say yes.
pub(crate) fn ask(session: &Session<'_>, request: &Request, key: &str) -> bool {
    let term = Term::stderr();
    if !term.is_term() {
        talk("nothing was sent: give --yes, or run it on a terminal to be asked");
        talk("    --show-request prints the exact request");
        return false;
    }
    let mut text = Vec::new();
    if print(request, &mut text).is_err() {
        return false;
    }
    talk(&String::from_utf8_lossy(&text));
    let files: Vec<String> = session
        .sent()
        .map(|paper| format!("{} is {}", paper.label, paper.shown))
        .collect();
    talk(&format!(
        "It holds {}: {}.",
        counted(files.len(), "file"),
        files.join(", ")
    ));
    let hidden = counted(session.map().entries.len(), "value");
    talk(&format!(
        "{hidden} of the configuration have placeholders; the values stay here."
    ));
    let (findings, more) = session.asked();
    let rest = match more {
        0 => String::new(),
        n => format!(" ({n} more are left out)"),
    };
    talk(&format!(
        "It is about {}{rest}.",
        counted(findings, "finding")
    ));
    if !key.is_empty() {
        talk(&format!("The key is sent in a header, {key}."));
    }
    let bytes = request.body.len();
    let question = format!("Send these {bytes} bytes to {}? [y/N] ", request.url);
    let answer = term.write_str(&question).and_then(|()| line());
    answer.is_ok_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// A line of the terminal itself: standard input may be a configuration. Its end is no yes.
fn line() -> io::Result<String> {
    let mut out = String::new();
    BufReader::new(File::open("/dev/tty")?).read_line(&mut out)?;
    Ok(out)
}
