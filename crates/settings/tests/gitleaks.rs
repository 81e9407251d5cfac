//! Rules in the form of gitleaks: what is found, what is allowed, what is refused.

use redact::{Detector, Text};
use settings::gitleaks::Rules;

fn found(rules: &str, path: &str, text: &str) -> Vec<String> {
    let rules = Rules::parse(rules).expect("the rules are right");
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    rules.find(
        Text {
            path: path.as_bytes(),
            bytes,
        },
        &mut out,
    );
    out.into_iter()
        .map(|named| format!("{}={}", named.rule, &text[named.range]))
        .collect()
}

#[test]
fn finds() {
    let rule = "[[rules]]\nid = \"a\"\nregex = '''key: ([a-z0-9]+)'''\n";
    assert_eq!(
        found(rule, "x", "key: abc1 key: def2"),
        ["a=abc1", "a=def2"]
    );
    // Without a group all of it; with a number that group.
    assert_eq!(
        found("[[rules]]\nid = \"a\"\nregex = 'k[0-9]+'\n", "x", "k12"),
        ["a=k12"]
    );
    let group = "[[rules]]\nid = \"a\"\nregex = '(k)=(v[0-9])'\nsecretGroup = 2\n";
    assert_eq!(found(group, "x", "k=v1"), ["a=v1"]);
    // Keywords are looked for without case.
    let keyword = "[[rules]]\nid = \"a\"\nregex = '[0-9]{4}'\nkeywords = [\"Pin\"]\n";
    assert_eq!(found(keyword, "x", "PIN 1234"), ["a=1234"]);
    assert_eq!(found(keyword, "x", "pan 1234"), [""; 0]);
    let path = "[[rules]]\nid = \"a\"\nregex = '[0-9]{4}'\npath = '\\.env$'\n";
    assert_eq!(found(path, "a.env", "1234"), ["a=1234"]);
    assert_eq!(found(path, "a.txt", "1234"), [""; 0]);
    let entropy = "[[rules]]\nid = \"a\"\nregex = '[a-z0-9]{8}'\nentropy = 2.5\n";
    assert_eq!(found(entropy, "x", "aaaaaaa1 a1b2c3d4"), ["a=a1b2c3d4"]);
}

#[test]
fn allows() {
    let rule = |list: &str| format!("[[rules]]\nid = \"a\"\nregex = 'k=([a-z0-9]+)'\n{list}");
    for (list, want) in [
        ("[rules.allowlist]\nregexes = ['^def']\n", vec!["a=abc1"]),
        (
            "[rules.allowlist]\nregexTarget = \"match\"\nregexes = ['k=def']\n",
            vec!["a=abc1"],
        ),
        (
            "[rules.allowlist]\nregexTarget = \"line\"\nregexes = ['# fine']\n",
            vec!["a=abc1"],
        ),
        (
            "[[rules.allowlists]]\nstopwords = [\"EF2\"]\n",
            vec!["a=abc1"],
        ),
        ("[[rules.allowlists]]\npaths = ['tests/']\n", vec![]),
        (
            "[[rules.allowlists]]\ncondition = \"AND\"\npaths = ['tests/']\nstopwords = [\"abc\"]\n",
            vec!["a=def2"],
        ),
        ("[allowlist]\nregexes = ['abc']\n", vec!["a=def2"]),
    ] {
        assert_eq!(
            found(&rule(list), "tests/x", "k=abc1\nk=def2 # fine\n"),
            want,
            "{list}"
        );
    }
}

#[test]
fn refuses() {
    for (text, says) in [
        ("[[rules]\n", "line 1: "),
        ("[[rules]]\nregex = 'x'\n", "missing field `id`"),
        (
            "[[rules]]\nid = \"a\"\nregex = '('\n",
            "rule `a`: unclosed group",
        ),
        (
            "[[rules]]\nid = \"a\"\nregex = 'x'\nsecretGroup = 1\n",
            "rule `a`: `secretGroup` is 1, the pattern has 0",
        ),
        (
            "[[rules]]\nid = \"a\"\nregex = '(?=x)'\n",
            "rule `a`: look-around, including look-ahead and look-behind, is not supported",
        ),
    ] {
        let refusal = Rules::parse(text).expect_err(text).to_string();
        assert!(refusal.contains(says), "{refusal}");
    }
    let skipped =
        Rules::parse("[extend]\nuseDefault = true\n[[rules]]\nid = \"keys\"\npath = 'id_rsa'\n")
            .expect("it is right");
    assert_eq!(skipped.skipped().len(), 2);
}
