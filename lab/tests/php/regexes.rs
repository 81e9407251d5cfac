//! Our regular expressions against PCRE, the library that nginx uses, asked through PHP.

use std::io::Write as _;
use std::process::{Command, Stdio};

use lab::php::cli_binary;
use lab::random::Random;
use syntax::regex::{Regex, Verdict};

const PIECES: &[&str] = &[
    "a",
    "b",
    ".",
    "/",
    "\\.",
    "\\d",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "[ab]",
    "[^a]",
    "[a-c/]",
    "[[:alpha:]_]",
    "[]a]",
    "[^\\n/]",
    "(",
    ")",
    "(?:",
    "(?i)",
    "(?s)",
    "(?=",
    "(?!",
    "(?<=a",
    "(?<!b",
    "(?>",
    "(?<n>",
    "|",
    "*",
    "+",
    "?",
    "*?",
    "++",
    "?+",
    "{2}",
    "{1,2}",
    "{,2}",
    "{0}",
    "^",
    "$",
    "\\b",
    "\\B",
    "\\z",
    "\\A",
    "\\Z",
    "\\1",
    "\\n",
    "\\x61",
    "\\141",
    "\\Qa.\\E",
    "A",
    "(?i:a)",
    "(?m)",
    "\\h",
    "\\R",
    "\\N",
    "(?#x)",
    "{",
    "}",
    "-",
    "_",
    "(a)",
    "(b|a)",
];

const TEXTS: &[&str] = &[
    "a", "b", "A", "/", ".", "1", "_", "\n", " ", "\r\n", "-", "}", "aa",
];

/// Reads `hex hex` lines and prints what `preg_match` says of each: 1, 0 or E.
const ASK: &str = "while (($l = fgets(STDIN)) !== false) { [$p, $t] = explode(' ', trim($l, \"\\n\")); \
    $r = @preg_match(\"\\x01\" . hex2bin($p) . \"\\x01\", hex2bin($t)); echo $r === false ? 'E' : $r; }";

fn soup(random: &mut Random, from: &[&str], most: usize) -> String {
    let count = random.below(most + 1);
    (0..count).map(|_| random.pick(from)).collect()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn pcre(cases: &[(String, String)]) -> Vec<u8> {
    let mut child = Command::new(cli_binary())
        .args(["-n", "-d", "pcre.jit=0", "-r", ASK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("php runs");
    let mut input = child.stdin.take().expect("a pipe");
    let text: String = cases
        .iter()
        .map(|(pattern, text)| format!("{} {}\n", hex(pattern), hex(text)))
        .collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("php ends");
    writer.join().expect("no panic").expect("php reads");
    output.stdout
}

#[test]
fn our_machine_says_what_pcre_says() {
    let mut random = Random::new(20_261_123);
    let cases: Vec<(String, String)> = (0..60_000)
        .map(|_| (soup(&mut random, PIECES, 7), soup(&mut random, TEXTS, 5)))
        .collect();
    let answers = pcre(&cases);
    assert_eq!(answers.len(), cases.len(), "php answered every line");
    let (mut agreed, mut unknown, mut wrong) = (0, 0, Vec::new());
    for ((pattern, text), answer) in cases.iter().zip(answers) {
        if answer == b'E' {
            continue;
        }
        match (
            Regex::parse(pattern.as_bytes(), false).matches(text.as_bytes()),
            answer,
        ) {
            (Verdict::Yes, b'1') | (Verdict::No, b'0') => agreed += 1,
            (Verdict::Unknown, _) => unknown += 1,
            (ours, _) => wrong.push(format!(
                "{pattern:?} on {text:?}: PCRE {}, we {ours:?}",
                answer as char
            )),
        }
    }
    let shown = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(wrong.is_empty(), "{} differ:\n{shown}", wrong.len());
    assert!(agreed > 20_000, "only {agreed} were compared");
    assert!(
        unknown < agreed / 20,
        "{unknown} are unknown, {agreed} agree"
    );
}
