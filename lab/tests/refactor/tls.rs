//! TLS as it is outside: the real nginx ends it in front of the provider, with a certificate of an
//! authority that only this test knows.

use std::fs;
use std::path::Path;
use std::process::Command;

use lab::nginx::Server;
use lab::provider::{KEY, Provider, Rules};
use lab::scratch::Scratch;

use crate::stack::{OLD, RIGHT, Stack, edits, holds_no_canary};

/// An authority, and a certificate of it for a host.
fn certificate(dir: &Path, name: &str, host: &str) {
    let config =
        "[req]\ndistinguished_name = dn\n[dn]\n[ca]\nbasicConstraints = critical,CA:TRUE\n";
    let extensions = format!("subjectAltName = {host}\n");
    fs::write(dir.join("openssl.cnf"), config).expect("a scratch file");
    fs::write(dir.join("leaf.cnf"), extensions).expect("a scratch file");
    let new = "req -config openssl.cnf -newkey rsa:2048 -nodes";
    openssl(
        dir,
        &format!(
            "{new} -x509 -extensions ca -days 2 -subj /CN=ca -keyout ca.key -out {name}-ca.pem"
        ),
    );
    openssl(
        dir,
        &format!("{new} -subj /CN={name} -keyout {name}.key -out {name}.csr"),
    );
    let sign = "x509 -req -days 2 -extfile leaf.cnf -CAkey ca.key -CAcreateserial";
    openssl(
        dir,
        &format!("{sign} -CA {name}-ca.pem -in {name}.csr -out {name}.pem"),
    );
}

fn openssl(dir: &Path, words: &str) {
    let made = Command::new("openssl")
        .args(words.split(' '))
        .current_dir(dir)
        .output()
        .expect("openssl IS MISSING. Install it: apt-get install -y openssl");
    assert!(
        made.status.success(),
        "{words}: {}",
        String::from_utf8_lossy(&made.stderr)
    );
}

fn front(provider: &Provider, dir: &Path, name: &str) -> Server {
    Server::start(&format!(
        "events {{}}\nhttp {{ server {{ listen 127.0.0.1:@PORT@ ssl;\n\
         ssl_certificate {dir}/{name}.pem; ssl_certificate_key {dir}/{name}.key;\n\
         location / {{ proxy_buffering off; proxy_pass {url}; }} }} }}\n",
        dir = dir.display(),
        url = provider.url(),
    ))
}

#[test]
fn only_who_is_trusted_is_told() {
    let keys = Scratch::new("refactor-tls");
    certificate(keys.path(), "good", "IP:127.0.0.1");
    certificate(keys.path(), "other", "IP:127.0.0.1");
    certificate(keys.path(), "named", "DNS:llm.example");
    let answer = edits(&[("nginx-1.conf", OLD, RIGHT)]);
    for (server, trusted, code, words) in [
        ("good", Some("good"), 1, "1 edit of the model"),
        ("good", Some("other"), 2, "no safe connection"),
        ("good", None, 2, "no safe connection"),
        ("named", Some("named"), 2, "no safe connection"),
    ] {
        let provider = Provider::saying(Rules::Anthropic, answer.clone());
        let front = front(&provider, keys.path(), server);
        let (stack, url) = (Stack::new(), format!("https://127.0.0.1:{}", front.port()));
        let mut command = stack.command(&[
            "--provider",
            "anthropic",
            "--model",
            "m",
            "--base-url",
            &url,
            "--yes",
        ]);
        command.env("ANTHROPIC_API_KEY", KEY);
        if let Some(trusted) = trusted {
            command.env(
                "SSL_CERT_FILE",
                keys.path().join(format!("{trusted}-ca.pem")),
            );
        }
        let output = command.output().expect("it runs");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{server} {trusted:?}: {err}"
        );
        assert!(err.contains(words), "{server} {trusted:?}: {err}");
        assert!(!err.contains(KEY));
        holds_no_canary(&provider.bytes(), "what was sent");
        assert_eq!(provider.heard().len(), usize::from(code == 1));
    }
}

/// A proxy of the environment sees the name of the host, and is not asked for this machine.
#[test]
fn proxies_see_names_only() {
    let proxy = Provider::saying(Rules::Local, "[]");
    let stack = Stack::new();
    let mut command = stack.command(&[
        "--provider",
        "anthropic",
        "--model",
        "m",
        "--base-url",
        "https://llm.example",
        "--yes",
    ]);
    command
        .env("ANTHROPIC_API_KEY", KEY)
        .env("HTTPS_PROXY", proxy.url());
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let heard = String::from_utf8_lossy(&proxy.bytes()).into_owned();
    assert!(heard.starts_with("CONNECT llm.example:443 "), "{heard}");
    assert!(
        !heard.contains(KEY) && !heard.contains("fastcgi"),
        "{heard}"
    );

    let (proxy, here) = (
        Provider::saying(Rules::Local, "[]"),
        Provider::saying(Rules::Local, "[]"),
    );
    let url = here.url();
    let mut command = stack.command(&["--provider", "local", "--base-url", &url, "--yes"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        command.env(name, proxy.url());
    }
    command.output().expect("it runs");
    assert_eq!((proxy.bytes().len(), here.heard().len()), (0, 1));
}
