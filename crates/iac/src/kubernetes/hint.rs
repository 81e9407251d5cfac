//! Whether a text has to do with nginx or PHP-FPM. What people keep in ConfigMaps is mostly
//! something else, and JSON or the settings of other servers look alike line by line.

use base::FilePath;
use model::detect::{Kind, detect};

/// Words that stand in no other file.
const OURS: [&[u8]; 10] = [
    b"fastcgi_pass",
    b"fastcgi_read_timeout",
    b"fastcgi_param",
    b"proxy_pass",
    b"proxy_read_timeout",
    b"pm.max_children",
    b"request_terminate_timeout",
    b"php_admin_value",
    b"php_value[",
    b"server_name",
];

/// Whether the bytes hold a word.
pub(crate) fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// Whether something of nginx or PHP-FPM stands in a file that could not be understood.
pub(crate) fn is_interesting(bytes: &[u8]) -> bool {
    OURS.iter().any(|word| holds(bytes, word))
}

/// What a file of this name is, if it is one of ours beyond doubt.
pub(crate) fn kind(name: &str, bytes: &[u8]) -> Option<Kind> {
    let kind = detect(&FilePath::new(name), bytes)?;
    let lines = || bytes.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    let begins =
        |words: &[&[u8]]| lines().any(|line| words.iter().any(|word| line.starts_with(word)));
    let is_ours = match kind {
        Kind::Nginx => {
            !bytes.trim_ascii_start().starts_with(b"{")
                && !bytes.starts_with(b"#!")
                && begins(&[
                    b"server ",
                    b"server{",
                    b"server\t",
                    b"location ",
                    b"fastcgi_",
                    b"proxy_",
                    b"http {",
                    b"http{",
                    b"upstream ",
                    b"client_",
                    b"map $",
                    b"listen ",
                ])
        }
        Kind::FpmMain | Kind::FpmPool => begins(&[
            b"pm ",
            b"pm=",
            b"pm.",
            b"request_",
            b"php_admin_",
            b"php_value[",
            b"php_flag[",
            b"listen.",
            b"catch_workers_output",
            b"clear_env",
            b"include",
            b"process_control",
            b"emergency_restart",
        ]),
        Kind::PhpIni => name.ends_with(".ini"),
        Kind::NginxDump | Kind::FpmDump | Kind::UserIni => false,
    };
    is_ours.then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::kind;
    use model::detect::Kind;

    #[test]
    fn ours_are_told_from_what_looks_alike() {
        for (name, text, wanted) in [
            (
                "default.conf",
                "server {\n  listen 80;\n}\n",
                Some(Kind::Nginx),
            ),
            ("app.json", "{\n  \"a\": {}\n}\n", None),
            ("run", "#!/bin/sh\nserver start;\n", None),
            ("my.cnf", "[mysqld]\nuser=mysql\n", None),
            ("app.properties", "a.b=c\n", None),
            ("www.conf", "[www]\npm = static\n", Some(Kind::FpmPool)),
            ("php.ini", "memory_limit = 1G\n", Some(Kind::PhpIni)),
            ("redis.conf", "maxmemory 1g\n", None),
            ("LEVEL", "debug", None),
        ] {
            assert_eq!(kind(name, text.as_bytes()), wanted, "{name}");
        }
    }
}
