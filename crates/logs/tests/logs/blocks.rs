//! Cutting a stream into blocks changes nothing.

use std::io::{self, Read};

use logs::LogKind::NginxError;
use logs::blocks::Blocks;
use proptest::prelude::*;

use crate::{said, scanner};

fn log(entries: usize) -> Vec<u8> {
    let entry = |n: usize| {
        let trace = if n.is_multiple_of(3) {
            "\nStack trace:\n#0 {main}"
        } else {
            ""
        };
        format!(
            "2026/11/22 11:31:20 [error] 7#7: *{n} FastCGI sent in stderr: \"PHP message: PHP Fatal \
             error:  x in /{n}.php:2{trace}\" while reading response header from upstream, client: ::1\n"
        )
    };
    (0..entries).map(entry).collect::<String>().into_bytes()
}

fn in_blocks(log: &[u8], size: usize) -> (Vec<String>, Vec<u64>) {
    let scanner = scanner(NginxError);
    let mut blocks = Blocks::new(log, size);
    let (mut block, mut said_all, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    while let Ok(Some(what)) = blocks.next(&mut block, |line| scanner.begins(line)) {
        said_all.extend(said(NginxError, &block));
        let mut own = crate::scanner(NginxError);
        own.scan(&block, what.first_line, &mut |seen| lines.push(seen.line));
    }
    (said_all, lines)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_size_gives_the_same_entries(size in 600..6000usize, entries in 0..60usize) {
        let log = log(entries);
        prop_assert_eq!(in_blocks(&log, size), in_blocks(&log, usize::MAX >> 1 & 0xF_FFFF));
    }
}

#[test]
fn a_line_longer_than_a_block_is_one_line() {
    let mut text = log(2);
    text.extend(std::iter::repeat_n(b'x', 300_000));
    text.push(b'\n');
    text.extend(log(1));
    let (said, _) = in_blocks(&text, 4096);
    let fatal = said.iter().filter(|one| *one == "PhpFatal").count();
    assert_eq!(fatal, 3);
}

/// What could be read before an error is given out before it.
#[test]
fn an_error_comes_after_the_data() {
    struct Broken(bool);
    impl Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::other("the disk is gone"));
            }
            let line = log(1);
            into[..line.len()].copy_from_slice(&line);
            Ok(line.len())
        }
    }
    let mut blocks = Blocks::new(Broken(false), 1 << 20);
    let mut block = Vec::new();
    let first = blocks.next(&mut block, |_| true).expect("data first");
    assert!(first.is_some() && block == log(1));
    assert!(blocks.next(&mut block, |_| true).is_err());
    assert!(
        blocks
            .next(&mut block, |_| true)
            .expect("the end")
            .is_none()
    );
}
