//! The real php-fpm and php: what they say about a configuration, and which values they hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::scratch::Scratch;

/// Where php-fpm is: any version, the newest first.
///
/// # Panics
/// When none is installed, with the command that installs it.
pub fn fpm_binary() -> PathBuf {
    newest("php-fpm", &["/usr/sbin", "/usr/local/sbin"])
        .expect("PHP-FPM IS MISSING. Install it: apt-get install -y php-fpm")
}

/// Where php is, for the command line.
///
/// # Panics
/// When it is not installed, with the command that installs it.
pub fn cli_binary() -> PathBuf {
    newest("php", &["/usr/bin", "/usr/local/bin"])
        .expect("PHP IS MISSING. Install it: apt-get install -y php-cli")
}

/// The program of that name, with or without a version behind it.
fn newest(name: &str, dirs: &[&str]) -> Option<PathBuf> {
    let entries = dirs.iter().filter_map(|dir| fs::read_dir(dir).ok());
    let paths = entries.flatten().flatten().map(|entry| entry.path());
    let is_it = |path: &PathBuf| {
        let file = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
        let version = file.strip_prefix(name);
        version.is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    paths.filter(is_it).max()
}

/// What `php-fpm -tt` says.
#[derive(Clone, Debug, Default)]
pub struct FpmVerdict {
    /// Whether it would start.
    pub ok: bool,
    /// The first error, without time stamp and place.
    pub message: Vec<u8>,
    /// The line that the error names; 0 when it names none.
    pub line: u32,
    /// All that it wrote.
    pub output: Vec<u8>,
}

/// Runs `php-fpm FLAG -y FILE` without php.ini. `-R` keeps its opinion about root out.
///
/// # Panics
/// When php-fpm cannot be run.
pub fn test_fpm(file: &Path, flag: &str) -> FpmVerdict {
    let output = Command::new(fpm_binary())
        .args([flag, "-n", "-R", "-y"])
        .arg(file)
        .env("PHP_INI_SCAN_DIR", "")
        .stdin(Stdio::null())
        .output()
        .expect("php-fpm runs");
    let (message, line) = first_error(&output.stderr, file);
    FpmVerdict {
        ok: output.status.success(),
        message,
        line,
        output: output.stderr,
    }
}

/// The first line with an error: `[time] ERROR: [FILE:LINE] words`, `[time] ALERT: words`, or
/// `PHP:  syntax error, words in Unknown on line 1`.
fn first_error(output: &[u8], file: &Path) -> (Vec<u8>, u32) {
    let place = format!("[{}:", file.display());
    for line in output.split(|&b| b == b'\n') {
        if let Some(words) = line.strip_prefix(b"PHP:  ") {
            let end = find(words, b" in Unknown on line").unwrap_or(words.len());
            return (words[..end].to_vec(), 0);
        }
        let marks = [&b"] ERROR: "[..], b"] ALERT: "];
        let words = marks
            .iter()
            .find_map(|mark| find(line, mark).map(|at| &line[at + mark.len()..]));
        let Some(words) = words else { continue };
        let Some(rest) = words.strip_prefix(place.as_bytes()) else {
            return (words.to_vec(), 0);
        };
        let end = find(rest, b"] ").unwrap_or(0);
        let number = std::str::from_utf8(&rest[..end]).ok();
        let number = number.and_then(|n| n.parse().ok()).unwrap_or(0);
        return (rest[end + 2..].to_vec(), number);
    }
    (Vec::new(), 0)
}

/// `key`, `value` pairs in order.
pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// The dump of `php-fpm -tt`: each section with its pairs as FPM printed them; `undefined` is left
/// in.
pub fn dump_pairs(output: &[u8]) -> Vec<(Vec<u8>, Pairs)> {
    let mut out: Vec<(Vec<u8>, Pairs)> = Vec::new();
    for line in output.split(|&b| b == b'\n') {
        let Some(at) = find(line, b"] NOTICE: ") else {
            continue;
        };
        let words = &line[at + 10..];
        if let Some(pair) = words.strip_prefix(b"\t") {
            let equals = find(pair, b" = ").unwrap_or(pair.len());
            let value = pair.get(equals + 3..).unwrap_or_default().to_vec();
            if let Some((_, pairs)) = out.last_mut() {
                pairs.push((pair[..equals].to_vec(), value));
            }
        } else if let Some(name) = words.strip_prefix(b"[").and_then(|w| w.strip_suffix(b"]")) {
            out.push((name.to_vec(), Vec::new()));
        }
    }
    out
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

/// What php made of a php.ini.
#[derive(Clone, Debug, Default)]
pub struct IniAnswer {
    /// Its complaint about the syntax and the line.
    pub error: Option<(Vec<u8>, u32)>,
    /// For each name asked for, its value in the file: `get_cfg_var`.
    pub values: Vec<CfgVar>,
    /// All that it wrote to the terminal.
    pub output: Vec<u8>,
}

/// A value as the file sets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CfgVar {
    /// The file does not set it.
    #[default]
    Unset,
    /// A text.
    Text(Vec<u8>),
    /// An array: offsets and values.
    List(Pairs),
}

const ASK: &str = r#"<?php
$names = file(__DIR__ . '/names', FILE_IGNORE_NEW_LINES);
$out = '';
foreach ($names as $name) {
    $value = get_cfg_var(hex2bin($name));
    if ($value === false) { $out .= "-\n"; continue; }
    if (!is_array($value)) { $out .= '=' . bin2hex((string) $value) . "\n"; continue; }
    $parts = [];
    foreach ($value as $k => $v) { $parts[] = bin2hex((string) $k) . ':' . bin2hex((string) $v); }
    $out .= '[' . implode(',', $parts) . "\n";
}
file_put_contents(__DIR__ . '/answer', $out);
"#;

/// Writes `php.ini` into the folder and asks php for the names as the file sets them.
///
/// # Panics
/// When php cannot be run.
pub fn cfg_vars(scratch: &Scratch, ini: &[u8], names: &[Vec<u8>]) -> IniAnswer {
    let file = scratch.write("php.ini", ini);
    let hex: String = names.iter().map(|name| to_hex(name) + "\n").collect();
    scratch.write("names", hex);
    let script = scratch.write("ask.php", ASK);
    let answer = scratch.path().join("answer");
    let _old = fs::remove_file(&answer);
    let output = Command::new(cli_binary())
        .arg("-c")
        .arg(&file)
        .arg(&script)
        .env_clear()
        .env("PHP_INI_SCAN_DIR", "")
        .stdin(Stdio::null())
        .output()
        .expect("php runs");
    let output = [output.stdout, output.stderr].concat();
    let answer = fs::read_to_string(answer).unwrap_or_default();
    IniAnswer {
        error: ini_error(&output, &file),
        values: answer.lines().map(cfg_var).collect(),
        output,
    }
}

/// `PHP:  syntax error, words in FILE on line N`.
fn ini_error(output: &[u8], file: &Path) -> Option<(Vec<u8>, u32)> {
    let begin = find(output, b"syntax error, ")?;
    let rest = &output[begin..];
    let place = format!(" in {} on line ", file.display());
    let at = find(rest, place.as_bytes())?;
    let digits = rest[at + place.len()..].iter();
    let number: String = digits
        .map(|&b| char::from(b))
        .take_while(char::is_ascii_digit)
        .collect();
    Some((rest[..at].to_vec(), number.parse().unwrap_or(0)))
}

fn cfg_var(line: &str) -> CfgVar {
    match line.split_at_checked(1) {
        Some(("=", hex)) => CfgVar::Text(from_hex(hex)),
        Some(("[", list)) => {
            let parts = list.split(',').filter_map(|part| part.split_once(':'));
            CfgVar::List(parts.map(|(k, v)| (from_hex(k), from_hex(v))).collect())
        }
        _ => CfgVar::Unset,
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| {
        text.get(at..at + 2)
            .and_then(|d| u8::from_str_radix(d, 16).ok())
    };
    (0..text.len()).step_by(2).filter_map(digit).collect()
}

/// The version of php-fpm, such as `8.2`.
///
/// # Panics
/// When php-fpm cannot be run.
pub fn fpm_version() -> String {
    let output = Command::new(fpm_binary()).arg("-v").output();
    let text = String::from_utf8_lossy(&output.expect("php-fpm runs").stdout).into_owned();
    let version = text.split_whitespace().nth(1).unwrap_or_default();
    version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}
