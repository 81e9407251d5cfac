//! `sandbox`: the page for a browser, written to a file or served to this machine.

mod pages;
mod serve;

use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::Path;

use base::source::printable;

use crate::cli::SandboxArgs;
use crate::run::Outcome;
use crate::{redacting, talk, write};

use pages::Carried;
use serve::Page;

/// Where Ollama listens unless it was told otherwise; the page for servers of one's own names it.
pub(crate) const OLLAMA: &str = "http://127.0.0.1:11434";

/// What every page of ours has near its beginning.
const MARK: &[u8] = b"<title>badgateway";

/// Runs the command.
pub(crate) fn sandbox(args: &SandboxArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let Some(alone) = pages::find(pages::ALONE) else {
        talk("error: this badgateway was built without the page");
        talk(
            "\nhint: releases carry it; from the sources, `cargo xtask release` builds one that does",
        );
        return Ok(Outcome::Undecided);
    };
    match &args.out {
        Some(path) if path.as_os_str() == "-" => {
            out.write_all(&alone.unpack()?)?;
            Ok(Outcome::Clean)
        }
        Some(path) => Ok(keep(path, &alone.unpack()?)),
        None => serve(args, alone, out),
    }
}

/// Writes the page. What is there already is replaced only if it is an older page.
fn keep(path: &Path, page: &[u8]) -> Outcome {
    let shown = redacting::shown(path);
    let written = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => write::create_new(path, page),
        Err(error) => Err(error),
        Ok(_) if is_page(path) => write::replace(path, page),
        Ok(_) => {
            talk(&format!(
                "error: `{shown}` is there already, and is no page of badgateway"
            ));
            return Outcome::Undecided;
        }
    };
    if let Err(error) = written {
        talk(&format!("error: cannot write `{shown}`: {error}"));
        return Outcome::Undecided;
    }
    talk(&format!(
        "{shown}: open it in a browser; it needs no network and sends nothing"
    ));
    Outcome::Clean
}

fn is_page(path: &Path) -> bool {
    let head = crate::disk::read_head(path).unwrap_or_default();
    head.windows(MARK.len()).any(|window| window == MARK)
}

fn serve(args: &SandboxArgs, alone: &Carried, out: &mut dyn Write) -> io::Result<Outcome> {
    let wanted = args.listen;
    if !wanted.ip().is_loopback() {
        talk(&format!("error: {wanted} can be reached from elsewhere"));
        talk(
            "\nhint: the page is served to this machine only; `--out FILE` writes one that can be put anywhere",
        );
        return Ok(Outcome::Undecided);
    }
    let mut pages = vec![Page::carried("/", alone)?];
    if let Some(llm) = &args.llm {
        let Some(origin) = origin(llm) else {
            let shown = printable(llm.as_bytes());
            talk(&format!("error: --llm: `{shown}` is no origin"));
            talk(
                "\nhint: such as `http://127.0.0.1:8080` or `https://llm.example`, without a path",
            );
            return Ok(Outcome::Undecided);
        };
        for page in pages::PAGES.iter().filter(|page| page.name != pages::ALONE) {
            let mut served = Page::carried(&format!("/{}", page.name), page)?;
            if page.name == pages::LOCAL && origin != OLLAMA {
                served.point_to(origin);
            }
            pages.push(served);
        }
    }
    let listener = match TcpListener::bind(wanted) {
        Ok(listener) => listener,
        Err(error) => {
            talk(&format!("error: cannot listen on {wanted}: {error}"));
            talk("\nhint: `--listen 127.0.0.1:0` takes a port that is free");
            return Ok(Outcome::Undecided);
        }
    };
    let address = listener.local_addr()?;
    writeln!(out, "http://{address}/")?;
    if args.llm.is_some() {
        writeln!(out, "http://{address}/refactor.html")?;
    }
    out.flush()?;
    talk("open it in a browser on this machine; Ctrl-C ends it");
    serve::serve(&listener, pages)?;
    Ok(Outcome::Clean)
}

/// Scheme, host and port, as a policy of a page names them: nothing that could end the name there.
fn origin(text: &str) -> Option<&str> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
    (!rest.is_empty() && rest.bytes().all(is_part)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for right in [
            "http://127.0.0.1:8080",
            "https://llm.example",
            "http://[::1]:1",
        ] {
            assert_eq!(origin(right), Some(right));
        }
        assert_eq!(origin("http://a:1/"), Some("http://a:1"));
        for wrong in [
            "",
            "http://",
            "ftp://a",
            "http://a/v1",
            "http://a b",
            "http://a;script-src *",
            "http://u@a",
            "http://a\"",
            "http://a,b",
            "//a",
        ] {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }
}
