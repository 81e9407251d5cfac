//! FastCGI as far as a question without a body needs it (the specification's sections 3 and 5).

/// No answer of a pool is longer: a page of 10,000 processes has 4 MB.
const LONGEST: usize = 16 << 20;
/// What a script complains is quoted only.
const LONGEST_ERRORS: usize = 8 << 10;

const VERSION: u8 = 1;
const BEGIN: u8 = 1;
const END: u8 = 3;
const PARAMS: u8 = 4;
const STDIN: u8 = 5;
const STDOUT: u8 = 6;
const STDERR: u8 = 7;
const RESPONDER: u8 = 1;
const ID: u16 = 1;
const HEAD: usize = 8;
/// Content of a record.
const MOST: usize = u16::MAX as usize;

/// The bytes of one request without a body.
pub(crate) fn request(params: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    record(&mut out, BEGIN, &[0, RESPONDER, 0, 0, 0, 0, 0, 0]);
    let mut pairs = Vec::new();
    for (name, value) in params {
        length(&mut pairs, name.len());
        length(&mut pairs, value.len());
        pairs.extend_from_slice(name.as_bytes());
        pairs.extend_from_slice(value);
    }
    for part in pairs.chunks(MOST) {
        record(&mut out, PARAMS, part);
    }
    record(&mut out, PARAMS, &[]);
    record(&mut out, STDIN, &[]);
    out
}

fn record(out: &mut Vec<u8>, kind: u8, content: &[u8]) {
    let [id_high, id_low] = ID.to_be_bytes();
    let len = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let [high, low] = len.to_be_bytes();
    out.extend([VERSION, kind, id_high, id_low, high, low, 0, 0]);
    out.extend_from_slice(&content[..usize::from(len)]);
}

fn length(out: &mut Vec<u8>, len: usize) {
    match u8::try_from(len) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let long = u32::try_from(len).unwrap_or(u32::MAX >> 1) | 1 << 31;
            out.extend(long.to_be_bytes());
        }
    }
}

/// Why bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// They are not FastCGI, or not about this request.
    Foreign,
    /// There are too many of them.
    TooLong,
    /// The server takes no request of this kind, or none at all.
    Refused,
}

/// An answer as it comes.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    unread: Vec<u8>,
    /// What the script or FPM wrote: headers, an empty line, the body.
    pub(crate) output: Vec<u8>,
    /// What it complained about.
    pub(crate) errors: Vec<u8>,
    is_whole: bool,
}

impl Answer {
    /// Takes what came; whether the answer is whole now.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<bool, Wrong> {
        self.unread.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(head) = self.unread.get(at..at + HEAD) {
            let [version, kind, id_high, id_low, high, low, padding, _] = *head else {
                break;
            };
            if version != VERSION || u16::from_be_bytes([id_high, id_low]) != ID {
                return Err(Wrong::Foreign);
            }
            let from = at + HEAD;
            let to = from + usize::from(u16::from_be_bytes([high, low]));
            let next = to + usize::from(padding);
            if self.unread.len() < next {
                break;
            }
            let content = &self.unread[from..to];
            match kind {
                STDOUT if self.output.len() + content.len() > LONGEST => {
                    return Err(Wrong::TooLong);
                }
                STDOUT => self.output.extend_from_slice(content),
                STDERR => {
                    let room = LONGEST_ERRORS - self.errors.len();
                    self.errors
                        .extend_from_slice(&content[..content.len().min(room)]);
                }
                // The protocol's own status is the fifth byte.
                END if content.get(4) == Some(&0) => self.is_whole = true,
                END => return Err(Wrong::Refused),
                _ => return Err(Wrong::Foreign),
            }
            at = next;
        }
        self.unread.drain(..at);
        Ok(self.is_whole)
    }

    /// The status that FPM gives, and the body behind the headers. Without a `Status` it is 200.
    pub(crate) fn body(&self) -> (u16, &[u8]) {
        let Some(end) = find(&self.output, b"\r\n\r\n") else {
            return (200, &self.output);
        };
        let mut lines = self.output[..end].split(|b| *b == b'\n');
        let status = lines.find_map(|line| {
            let value = line.strip_prefix(b"Status:")?.trim_ascii();
            std::str::from_utf8(value.get(..3)?).ok()?.parse().ok()
        });
        (status.unwrap_or(200), &self.output[end + 4..])
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::{Answer, Wrong, request};

    fn reply(records: &[(u8, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (kind, content) in records {
            super::record(&mut out, *kind, content);
        }
        out
    }

    const END: (u8, &[u8]) = (3, &[0; 8]);

    #[test]
    fn an_answer_comes_in_any_pieces() {
        let text = b"Status: 404 Not Found\r\nContent-Type: text/html\r\n\r\nFile not found.\n";
        let bytes = reply(&[
            (6, &text[..10]),
            (7, b"oh"),
            (6, &text[10..]),
            (6, b""),
            END,
        ]);
        for size in 1..bytes.len() {
            let mut answer = Answer::default();
            let mut whole = false;
            for piece in bytes.chunks(size) {
                assert!(!whole);
                whole = answer.take(piece).unwrap();
            }
            assert!(whole);
            assert_eq!(answer.body(), (404, &b"File not found.\n"[..]));
            assert_eq!(answer.errors, b"oh");
        }
    }

    #[test]
    fn other_bytes_are_no_answer() {
        let take = |bytes: &[u8]| Answer::default().take(bytes);
        assert_eq!(take(b"HTTP/1.1 400 Bad Request\r\n"), Err(Wrong::Foreign));
        assert_eq!(take(&[1, 6, 0, 2, 0, 0, 0, 0]), Err(Wrong::Foreign));
        assert_eq!(
            take(&reply(&[(3, &[0, 0, 0, 0, 2, 0, 0, 0])])),
            Err(Wrong::Refused)
        );
        assert_eq!(take(b""), Ok(false));
    }

    #[test]
    fn an_endless_answer_ends() {
        let block = reply(&[(6, &[b'x'; 65_535])]);
        let mut answer = Answer::default();
        let end = (0..1000).find_map(|_| answer.take(&block).err());
        assert_eq!(end, Some(Wrong::TooLong));
    }

    #[test]
    fn long_parameters_have_long_lengths() {
        let bytes = request(&[("A", &[b'x'; 300])]);
        let at = bytes
            .windows(6)
            .position(|w| w == [1, 0x80, 0, 1, 44, b'A']);
        assert!(at.is_some());
    }
}
