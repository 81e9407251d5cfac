//! What is JSON and what is none, and what does not fit.

use super::{FromJson, Value, read};
use crate::SortedMap;

fn value<'j, T: FromJson<'j>>(text: &'j str) -> Result<T, String> {
    let value = read(text.as_bytes()).map_err(|broken| broken.to_string())?;
    T::from_json(value).map_err(|unfit| unfit.to_string())
}

#[test]
fn reads_what_is_json() {
    assert_eq!(value(" true "), Ok(true));
    assert_eq!(value("[1, -2,3 ]"), Ok(vec![1_i64, -2, 3]));
    assert_eq!(value("[]"), Ok(Vec::<i64>::new()));
    assert_eq!(value("null"), Ok(None::<bool>));
    assert_eq!(
        value(r#""aé\n\"\\\/\b\f\r\t\u00e9\ud83d\ude00z""#),
        Ok("aé\n\"\\/\u{8}\u{c}\r\té😀z".to_owned())
    );
    let map = value::<SortedMap<String, u32>>("{\"b\": 1, \"a\": 2,\"b\":3}");
    assert_eq!(
        map,
        Ok(SortedMap::from([("a".to_owned(), 2), ("b".to_owned(), 3)]))
    );
    for number in [
        "0",
        "-0",
        "1.5",
        "1e9",
        "-12.50E-3",
        "123456789012345678901234567890",
    ] {
        assert_eq!(read(number.as_bytes()), Ok(Value::Number(number)));
    }
}

#[test]
fn borrows_what_has_no_escapes() {
    let Ok(Value::Text(text)) = read(b"\"plain\"") else {
        panic!("a string");
    };
    assert!(matches!(text, std::borrow::Cow::Borrowed("plain")));
}

#[test]
fn refuses_what_is_none() {
    for text in [
        "",
        " ",
        "tru",
        "nul",
        "+1",
        "01",
        "-",
        "1.",
        "1e",
        ".5",
        "[1,]",
        "[1 2]",
        "[",
        "{",
        "{\"a\"",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a: 1}",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12é\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\\u+123\"",
        "\"a\nb\"",
        "1 2",
        "\"\\",
        "NaN",
        "'a'",
    ] {
        assert!(read(text.as_bytes()).is_err(), "{text}");
    }
    assert!(read(b"\"\xff\"").is_err());
    assert!(read("[".repeat(100_000).as_bytes()).is_err());
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read(nested(100).as_bytes()).is_ok());
    assert!(read(nested(1000).as_bytes()).is_err());
}

#[test]
fn says_where() {
    let says = |text: &str| value::<Value<'_>>(text).unwrap_err();
    assert_eq!(says("{\n \"a\" 1}"), "line 2: `:` is expected");
    assert_eq!(read(b"[\n\n\xff]").map_err(|broken| broken.line), Err(3));
}

#[test]
fn says_what_does_not_fit() {
    let fields = || match read(br#"{"a": 7, "b": [1, "x"], "c": null}"#) {
        Ok(Value::Fields(fields)) => fields,
        other => panic!("{other:?}"),
    };
    let mut taken = fields();
    assert_eq!(taken.take("a"), Ok(7_u32));
    assert_eq!(taken.take("c"), Ok(None::<String>));
    assert!(taken.end().is_err());
    let says = |error: super::Unfit| error.to_string();
    let not = |name: &str| says(fields().take::<String>(name).unwrap_err());
    assert_eq!(not("a"), "`a`: a string is expected");
    assert_eq!(not("z"), "`z` is missing");
    let b = fields().take::<Vec<u32>>("b").map_err(says);
    assert_eq!(b, Err("`b`: a whole number is expected".to_owned()));
    assert_eq!(fields().take("z"), Ok(false));
    assert_eq!(value::<u32>("-1").map_err(|_| ()), Err(()));
    assert_eq!(value::<i32>("2147483648").map_err(|_| ()), Err(()));
    assert_eq!(value::<i64>("1.0").map_err(|_| ()), Err(()));
}
