//! `sandbox`: the page for a browser, written to a file or served to this machine.

mod pages;
mod serve;

use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use crate::cli::SandboxArgs;
use crate::run::Outcome;
use crate::{talk, write};

use serve::Page;

/// What every page of ours has near its beginning.
const MARK: &[u8] = b"<title>badgateway";

/// Runs the command.
pub(crate) fn sandbox(args: &SandboxArgs, out: &mut dyn Write) -> io::Result<Outcome> {
    let Some(packed) = pages::packed(pages::ALONE) else {
        talk("error: this badgateway was built without the page");
        talk(
            "\nhint: releases carry it; from the sources, `cargo xtask release` builds one that does",
        );
        return Ok(Outcome::Undecided);
    };
    let page = pages::unpack(packed)?;
    match &args.out {
        Some(path) if path.as_os_str() == "-" => {
            out.write_all(&page)?;
            Ok(Outcome::Clean)
        }
        Some(path) => Ok(keep(path, &page)),
        None => serve(args.listen, page, packed, out),
    }
}

/// Writes the page. What is there already is replaced only if it is an older page.
fn keep(path: &Path, page: &[u8]) -> Outcome {
    let shown = base::source::printable(path.as_os_str().as_encoded_bytes());
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

fn serve(
    wanted: SocketAddr,
    page: Vec<u8>,
    packed: &'static [u8],
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    if !wanted.ip().is_loopback() {
        talk(&format!("error: {wanted} can be reached from elsewhere"));
        talk(
            "\nhint: the page is served to this machine only; `--out FILE` writes one that can be put anywhere",
        );
        return Ok(Outcome::Undecided);
    }
    let listener = match TcpListener::bind(wanted) {
        Ok(listener) => listener,
        Err(error) => {
            talk(&format!("error: cannot listen on {wanted}: {error}"));
            talk("\nhint: `--listen 127.0.0.1:0` takes a port that is free");
            return Ok(Outcome::Undecided);
        }
    };
    writeln!(out, "http://{}/", listener.local_addr()?)?;
    out.flush()?;
    talk("open it in a browser on this machine; Ctrl-C ends it");
    let pages = vec![Page {
        path: "/".to_owned(),
        bytes: page,
        packed: Some(packed),
        is_framed: false,
    }];
    serve::serve(&listener, pages)?;
    Ok(Outcome::Clean)
}
