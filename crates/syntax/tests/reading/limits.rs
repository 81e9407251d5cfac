//! Sizes that no honest file has. A quadratic step would run for hours here.

use syntax::ini::{self, Dialect};
use syntax::nginx;

const MANY: usize = 100_000;
const LONG: usize = 20 << 20;

#[test]
fn a_hundred_thousand_braces() {
    let open = "a {".repeat(MANY);
    let tree = nginx::parse(open.as_bytes());
    assert_eq!(tree.len(), MANY);
    assert_eq!(tree.errors().len(), 1);
    let closed = format!("{open}{}", "}".repeat(MANY));
    let tree = nginx::parse(closed.as_bytes());
    assert!(tree.errors().is_empty());
    assert_eq!(tree.print(closed.as_bytes()), closed.as_bytes());
    let close = "}".repeat(MANY);
    assert!(!nginx::parse(close.as_bytes()).errors().is_empty());
}

#[test]
fn lines_of_twenty_megabytes() {
    let blanks = " ".repeat(LONG);
    assert!(nginx::parse(blanks.as_bytes()).is_empty());
    let word = "x".repeat(LONG);
    assert!(!nginx::parse(word.as_bytes()).errors().is_empty());
    let comment = format!("#{word}\nuser a;");
    assert_eq!(nginx::parse(comment.as_bytes()).len(), 1);
    let words = "x ".repeat(LONG / 2);
    assert!(!nginx::parse(words.as_bytes()).errors().is_empty());
    for dialect in [Dialect::PhpIni, Dialect::Fpm] {
        for text in [
            format!("a = {word}\n"),
            format!("{word}\n"),
            format!("a = \"{word}\n"),
            format!(";{word}\n"),
            format!("a = {blanks}b\n"),
            format!("a[{word}] = b\n"),
        ] {
            let tree = ini::parse(text.as_bytes(), dialect);
            assert_eq!(tree.print(text.as_bytes()), text.as_bytes());
        }
    }
}

#[test]
fn brackets_that_nothing_closes() {
    for text in ["a = (", "a = !", "a = ~(", "a = 1|", "a[", "[", "a = \"${"] {
        let line = text.repeat(MANY);
        let value = format!("a = {}", &text[text.len() - 1..].repeat(MANY));
        for dialect in [Dialect::PhpIni, Dialect::Fpm] {
            for text in [&line, &value] {
                let tree = ini::parse(text.as_bytes(), dialect);
                assert_eq!(tree.print(text.as_bytes()), text.as_bytes());
            }
        }
    }
}
