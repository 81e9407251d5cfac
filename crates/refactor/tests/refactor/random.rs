//! A model that edits at random: whatever is taken of it, what must stay has stayed.

use crate::world::{FPM, INI, NGINX, SECRETS, Stack, edits};

/// Numbers from a seed: the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).expect("it is below n")
    }

    fn one<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }
}

const NASTY: [&str; 16] = [
    "proxy_pass http://evil.example;",
    "include /tmp/x;",
    "fastcgi_param X BGSECRET_001;",
    "auto_prepend_file = /tmp/x",
    "# comment",
    "; comment",
    "}",
    "{",
    "\"",
    "'",
    "return 200;",
    "fastcgi_read_timeout 45s;",
    "fastcgi_read_timeout 0;",
    "request_terminate_timeout = 10s",
    "BGSECRET_002",
    "\\",
];
const VALUES: [&str; 10] = [
    "0", "1s", "10s", "15s", "45s", "60s", "5m", "off", "$x", "/tmp/x",
];

/// What a line becomes.
fn mutated(dice: &mut Dice, line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    match dice.below(8) {
        0 => String::new(),
        1 => format!("{line} {}", dice.one(&NASTY)),
        2 => format!("{}\n{line}", dice.one(&NASTY)),
        3 => (*dice.one(&NASTY)).to_owned(),
        4 => line.to_uppercase(),
        // Most of the right ones are made here.
        _ => {
            let Some((last, head)) = words.split_last() else {
                return (*dice.one(&NASTY)).to_owned();
            };
            let end = if last.ends_with(';') { ";" } else { "" };
            format!("{} {}{end}", head.join(" "), dice.one(&VALUES))
        }
    }
}

/// As it is sent, by label.
fn sent() -> Vec<(&'static str, String)> {
    let hide = |text: &str| {
        let mut text = text.to_owned();
        for (secret, word) in SECRETS.iter().zip(["001", "004", "002", "003"]) {
            text = text.replace(secret, &format!("BGSECRET_{word}"));
        }
        text
    };
    let stack = Stack::new();
    [
        ("nginx-1.conf", NGINX),
        ("fpm-1.ini", FPM),
        ("php-1.ini", INI),
    ]
    .map(|(label, path)| (label, hide(&stack.0[path])))
    .to_vec()
}

/// Lines that no edit may touch, in order.
fn guarded(text: &str) -> Vec<&str> {
    const NAMES: [&str; 14] = [
        "_pass ",
        "include",
        "param",
        "listen",
        "server_name",
        "root",
        "user",
        "slowlog =",
        "env[",
        "location",
        "session.save",
        "auto_",
        "return",
        "#",
    ];
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| NAMES.iter().any(|name| line.contains(name)))
        .map(|line| match line.split_once('#') {
            // The directive before a comment may change, the comment may not.
            Some((_, comment)) => comment,
            None => line,
        })
        .collect()
}

#[test]
fn edits_at_random() {
    let (sent, stack) = (sent(), Stack::new().alone());
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..250 {
        let mut list: Vec<(String, String, String)> = Vec::new();
        for _ in 0..=dice.below(4) {
            let (label, text) = dice.one(&sent);
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let line = dice.one(&lines);
            list.push((
                (*label).to_owned(),
                (*line).to_owned(),
                mutated(&mut dice, line),
            ));
        }
        let list: Vec<(&str, &str, &str)> = list
            .iter()
            .map(|(file, old, new)| (file.as_str(), old.as_str(), new.as_str()))
            .collect();
        let answer = edits(&list);
        let (bodies, verdict) = stack.asked(&[&answer, "[]"]);
        for body in &bodies {
            for secret in SECRETS {
                assert!(!body.contains(secret), "{secret} in\n{body}");
            }
        }
        taken += verdict.accepted.len();
        refused += verdict.refused.len();
        assert_eq!(
            verdict.accepted.is_empty(),
            verdict.ended.is_empty(),
            "{verdict:#?}"
        );
        if !verdict.own().is_empty() {
            continue;
        }
        for file in &verdict.files {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (old, new) = (text(&file.old), text(&file.new));
            assert_eq!(guarded(&old), guarded(&new), "{answer}");
            assert_eq!(old.lines().count(), new.lines().count(), "{answer}");
        }
    }
    assert!(
        taken >= 5 && refused > 300,
        "{taken} taken, {refused} refused"
    );
}
