//! Server-sent events, however their bytes are cut.

/// A line longer than this is no answer.
const LONGEST: usize = 1 << 20;

/// Bytes into events.
#[derive(Debug, Default)]
pub(crate) struct Sse {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was a carriage return: a line feed behind it ends no second line.
    was_cr: bool,
    /// A line was too long to be kept.
    pub(crate) is_too_long: bool,
}

impl Sse {
    /// Takes bytes and hands over the data of each event that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8], event: &mut dyn FnMut(&[u8])) {
        for &byte in bytes {
            let was_cr = std::mem::replace(&mut self.was_cr, byte == b'\r');
            match byte {
                b'\n' if was_cr => {}
                b'\n' | b'\r' => self.line_ends(event),
                _ if self.line.len() >= LONGEST => self.is_too_long = true,
                _ => self.line.push(byte),
            }
        }
    }

    /// The end of the stream: an event that no empty line ended counts all the same, for some
    /// servers forget it.
    pub(crate) fn end(&mut self, event: &mut dyn FnMut(&[u8])) {
        if !self.line.is_empty() {
            self.line_ends(event);
        }
        self.event_ends(event);
    }

    fn line_ends(&mut self, event: &mut dyn FnMut(&[u8])) {
        let line = std::mem::take(&mut self.line);
        // A byte order mark may stand before the first line.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if line.is_empty() {
            return self.event_ends(event);
        }
        // Names of events are repeated in the data; comments keep the connection alive.
        if let Some(data) = line.strip_prefix(b"data:") {
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            let data = data.strip_prefix(b" ").unwrap_or(data);
            if self.data.len() + data.len() > LONGEST {
                self.is_too_long = true;
            } else {
                self.data.extend_from_slice(data);
            }
        }
    }

    fn event_ends(&mut self, event: &mut dyn FnMut(&[u8])) {
        let data = std::mem::take(&mut self.data);
        if std::mem::take(&mut self.has_data) {
            event(&data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sse;

    fn events(parts: &[&[u8]]) -> Vec<String> {
        let (mut sse, mut out) = (Sse::default(), Vec::new());
        let mut take = |data: &[u8]| out.push(String::from_utf8_lossy(data).into_owned());
        for part in parts {
            sse.push(part, &mut take);
        }
        sse.end(&mut take);
        out
    }

    #[test]
    fn cut_anywhere() {
        let text = "\u{feff}: hello\r\nevent: x\r\ndata: {\"a\":\r\ndata:  \"ü\"}\r\n\r\nid: 1\ndata:b\n\n\rdata\rdata: c";
        let want = ["{\"a\":\n \"ü\"}", "b", "c"];
        assert_eq!(events(&[text.as_bytes()]), want);
        for at in 0..text.len() {
            let (a, b) = text.as_bytes().split_at(at);
            assert_eq!(events(&[a, b]), want, "cut at {at}");
        }
        let single: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(events(&single), want);
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut sse = Sse::default();
        for _ in 0..40 {
            sse.push(&[b'x'; 100_000], &mut |_| {});
        }
        assert!(sse.is_too_long && sse.line.len() <= super::LONGEST);
    }
}
