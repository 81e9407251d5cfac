//! Regular expressions: what matches, what groups may hold, and the texts that prove it. The lab
//! compares the machine with PCRE itself.

use syntax::regex::{Regex, Verdict};

fn regex(text: &str) -> Regex {
    Regex::parse(text.as_bytes(), false)
}

#[test]
fn texts_match_as_pcre_says() {
    let cases: &[(&str, &str, bool)] = &[
        (r"\.php$", "/a.php", true),
        (r"\.php$", "/a.php.jpg", false),
        (r"\.php", "/a.php.jpg", true),
        (r"^/(?:a|b)+/\d{2,3}$", "/abba/123", true),
        (r"^/(?:a|b)+/\d{2,3}$", "/abba/1", false),
        (r"^(?i)SHOP\.", "shop.x", true),
        (r"^a(?=b)b$", "ab", true),
        (r"(?<!x)y", "xy", false),
        (r"(?<!x)y", "zy", true),
        (r"^(a+)+$", "aaaa", true),
        (r"^(?>a+)ab", "aaab", false),
        (r"^a++b", "aaab", true),
        (r"^(\w)\1$", "aa", true),
        (r"^(\w)\1$", "ab", false),
        (r"^(?<x>\w)\k<x>$", "zz", true),
        (r"[[:upper:]-]", "-", true),
        (r"^[^/]+$", "a\nb", true),
        (r"^.+$", "a\nb", false),
        (r"^(?s).+$", "a\nb", true),
        (r"a$", "a\n", true),
        (r"a\z", "a\n", false),
        (r"\x41\101\cA?", "AA", true),
        (r"\Qa.b\E$", "a.b", true),
        (r"\Qa.b\E$", "axb", false),
        (r"a{,3}", "a{,3}", true),
        (r"(?x) a b # comment", "ab", true),
        (r"^(a|ab)(c|bcd)$", "abcd", true),
        (r"^(?:a?)*$", "aaa", true),
        (r"\bphp\b", "x php y", true),
        (r"^[\d\-x]+$", "1-x", true),
        (r"^[]a]+$", "]a", true),
    ];
    for (pattern, text, wanted) in cases {
        let wanted = if *wanted { Verdict::Yes } else { Verdict::No };
        assert_eq!(
            regex(pattern).matches(text.as_bytes()),
            wanted,
            "{pattern} on {text}"
        );
    }
}

#[test]
fn what_is_not_understood_decides_nothing() {
    for pattern in [r"^(?R)?x", r"(?(1)a|b)", r"\p{Lu}x", r"^(a", "a)", "[a"] {
        let regex = regex(pattern);
        assert!(!regex.understood, "{pattern}");
        assert_ne!(regex.matches(b"zzz"), Verdict::Yes, "{pattern}");
    }
}

#[test]
fn groups_tell_what_they_may_hold() {
    let holds = |pattern: &str, byte: u8| {
        let regex = regex(pattern);
        let node = regex.group(1).expect("a group");
        node.bytes().contains(byte)
    };
    assert!(holds(r"^/x/([^/]+)$", b'\n'));
    assert!(!holds(r"^/x/(.+)$", b'\n'));
    assert!(holds(r"^/x/(\s*)$", b'\n'));
    assert!(!holds(r"^/x/([a-z]+)$", b'/'));
    let words = |pattern: &str| {
        regex(pattern)
            .group(1)
            .is_some_and(|n| n.is_choice_of_words())
    };
    assert!(words("^(de|en|(?:fr|it))$"));
    assert!(!words("^([a-z]+)$"));
}

#[test]
fn samples_are_matched() {
    for pattern in [
        r"^/x/([^/]+)\.php$",
        r"^https?://(?:www\.)?shop\.example$",
        r"^(\w)-\1$",
        r"^(?!admin)[a-z]+$",
    ] {
        let regex = regex(pattern);
        let sample = regex.sample().unwrap_or_else(|| panic!("{pattern}"));
        assert_eq!(regex.matches(&sample), Verdict::Yes, "{pattern}");
    }
    let with = regex(r"^/(?:a|x([^/]*))/")
        .sample_with(1, b'\n')
        .expect("a sample");
    assert!(with.contains(&b'\n'));
    assert_eq!(regex(r"^/(.*)$").sample_with(1, b'\n'), None);
    let evil = regex(r"^https://shop.example$").samples_with_wildcards_as(b'x');
    assert_eq!(evil, [b"https://shopxexample".to_vec()]);
}

#[test]
fn explosions_are_found_and_nothing_else() {
    for pattern in [
        r"^(a+)+$",
        r"^(?:[a-z]|\w)*$",
        r"^/(\w+\s?)+$",
        r"(x+x+)+y",
        r"^(a|a)*b$",
    ] {
        assert!(regex(pattern).explosion().is_some(), "{pattern}");
    }
    for pattern in [
        r"^/(a+)/(b+)$",
        r"\.(?:jpe?g|png|gif)$",
        r"^(?>a+)+$",
        r"^/(.*)/(.*)$",
        r"^(?:[^/]+/)*[^/]+\.php$",
        r"^/[a-z0-9-]+(?:/[a-z0-9-]+)*$",
        r"^(.+\.php)(/.+)$",
    ] {
        assert_eq!(regex(pattern).explosion(), None, "{pattern}");
    }
}
