//! What a command says of the files that nginx and PHP-FPM begin with.

use base::FilePath;

use crate::compose::joined;

/// What a command tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// nginx's `-c`.
    pub(crate) nginx: Option<FilePath>,
    /// PHP-FPM's `-y`.
    pub(crate) fpm: Option<FilePath>,
    /// PHP-FPM's `-c`.
    pub(crate) php_ini: Option<FilePath>,
    /// Settings that PHP-FPM gets by `-d`.
    pub(crate) settings: Vec<String>,
    /// Whether it is another program, so that neither nginx nor PHP-FPM runs.
    pub(crate) is_other: bool,
    /// Whether it is a script of the project, which may start anything.
    pub(crate) is_scripted: bool,
    /// Files that a shell writes.
    pub(crate) written: Vec<FilePath>,
}

/// Reads a command: its words, and those of a script behind `sh -c`.
pub(crate) fn told(words: &[String]) -> Told {
    let mut told = Told::default();
    let is_shell = |word: &String| {
        let name = name_of(word);
        matches!(name, "sh" | "bash" | "ash" | "dash")
    };
    let script = words.iter().position(is_shell).and_then(|at| {
        let is_script = |word: &String| word.starts_with('-') && word.ends_with('c');
        let flag = words[at..].iter().position(is_script)? + at;
        words.get(flag + 1)
    });
    let of_script = script.map(|script| shell_words(script));
    let words = of_script.as_deref().unwrap_or(words);
    for command in words.split(|word| word == ";") {
        one(command, &mut told);
    }
    told.is_other = is_other(words);
    let is_script =
        |word: &String| word.ends_with(".sh") && name_of(word) != "docker-entrypoint.sh";
    told.is_scripted = words.iter().any(is_script);
    told
}

/// Programs that images of PHP-FPM are also started with, as queues and schedulers are.
const OTHERS: [&str; 15] = [
    "php",
    "artisan",
    "console",
    "composer",
    "node",
    "npm",
    "yarn",
    "cron",
    "crond",
    "supercronic",
    "sleep",
    "tail",
    "wp",
    "drush",
    "bun",
];

/// Whether a command begins with a program that is no server of ours, and names none of them.
fn is_other(words: &[String]) -> bool {
    let names_server = |word: &String| {
        ["fpm", "nginx", "openresty", "supervisor", "apache", ".sh"]
            .iter()
            .any(|name| word.contains(name))
    };
    let first = words
        .iter()
        .find(|word| !matches!(word.as_str(), ";" | "exec"));
    let first = first.map(|word| name_of(word));
    first.is_some_and(|first| OTHERS.contains(&first)) && !words.iter().any(names_server)
}

fn name_of(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn one(words: &[String], told: &mut Told) {
    let mut program = "";
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let next = words.get(at + 1);
        at += 1;
        if word == ">" {
            let path = next.filter(|path| path.starts_with('/'));
            told.written.extend(path.map(|path| path_of(path)));
            continue;
        }
        let name = name_of(word);
        if name.starts_with("php-fpm") || name == "nginx" || name == "openresty" {
            program = name;
            continue;
        }
        let value = |long: &str, short: &str| {
            let equal = word
                .strip_prefix(long)
                .and_then(|rest| rest.strip_prefix('='));
            let joined = word.strip_prefix(short).filter(|rest| !rest.is_empty());
            let is_flag = word == short || !long.is_empty() && word == long;
            match is_flag {
                true => next.map(String::as_str),
                false => equal.or(joined.filter(|_| !word.starts_with("--"))),
            }
        };
        if program.starts_with("php-fpm") {
            if let Some(path) = value("--fpm-config", "-y") {
                told.fpm = Some(path_of(path));
            } else if let Some(path) = value("--php-ini", "-c") {
                told.php_ini = Some(path_of(path));
            } else if let Some(setting) = value("--define", "-d") {
                told.settings.push(setting.to_owned());
            }
        } else if !program.is_empty()
            && let Some(path) = value("", "-c")
        {
            told.nginx = Some(path_of(path));
        }
    }
}

/// A relative path is seen from a folder that only the image knows.
fn path_of(text: &str) -> FilePath {
    match text.starts_with('/') {
        true => joined(b"/", text.as_bytes()),
        false => FilePath::new(text),
    }
}

/// Words between spaces; quotes hold them together. What separates commands is a word.
pub(crate) fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut is_open) = (String::new(), false);
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('"') | None, '\\') => word.extend(chars.next()),
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => (quote, is_open) = (Some(c), true),
            (None, ' ' | '\t' | '\n' | ';' | '&' | '|' | '>') => {
                if is_open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                is_open = false;
                match c {
                    '\n' | ';' | '&' | '|' => words.push(";".to_owned()),
                    '>' => words.push(">".to_owned()),
                    _ => {}
                }
            }
            (None, c) => word.push(c),
        }
    }
    if is_open || !word.is_empty() {
        words.push(word);
    }
    words
}
