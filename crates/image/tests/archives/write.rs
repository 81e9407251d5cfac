//! Writes archives, right ones and wrong ones.

/// A tar archive that is being written.
#[derive(Clone, Default)]
pub(crate) struct Tar(pub(crate) Vec<u8>);

impl Tar {
    /// An entry of any kind, with any size in its header.
    pub(crate) fn raw(&mut self, path: &[u8], kind: u8, link: &[u8], size: u64, content: &[u8]) {
        if path.len() > 100 {
            self.raw(
                b"././@LongLink",
                b'L',
                b"",
                path.len() as u64 + 1,
                &[path, b"\0"].concat(),
            );
        }
        if link.len() > 100 {
            self.raw(
                b"././@LongLink",
                b'K',
                b"",
                link.len() as u64 + 1,
                &[link, b"\0"].concat(),
            );
        }
        let mut header = [0_u8; 512];
        header[..path.len().min(100)].copy_from_slice(&path[..path.len().min(100)]);
        header[100..108].copy_from_slice(b"0000755\0");
        header[108..116].copy_from_slice(b"0000000\0");
        header[116..124].copy_from_slice(b"0000000\0");
        let digits = match size < 1 << 33 {
            true => format!("{size:011o}\0").into_bytes(),
            false => [[0x80, 0, 0, 0].as_slice(), &size.to_be_bytes()].concat(),
        };
        header[124..136].copy_from_slice(&digits);
        header[136..148].copy_from_slice(b"00000000000\0");
        header[156] = kind;
        header[157..157 + link.len().min(100)].copy_from_slice(&link[..link.len().min(100)]);
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend_from_slice(&header);
        self.0.extend_from_slice(content);
        let rest = content.len().next_multiple_of(512) - content.len();
        self.0.extend(std::iter::repeat_n(0, rest));
    }

    pub(crate) fn file(&mut self, path: &str, content: &[u8]) -> &mut Self {
        self.raw(path.as_bytes(), b'0', b"", content.len() as u64, content);
        self
    }

    pub(crate) fn folder(&mut self, path: &str) -> &mut Self {
        self.raw(path.as_bytes(), b'5', b"", 0, b"");
        self
    }

    pub(crate) fn link(&mut self, path: &str, target: &str) -> &mut Self {
        self.raw(path.as_bytes(), b'2', target.as_bytes(), 0, b"");
        self
    }

    pub(crate) fn hard_link(&mut self, path: &str, target: &str) -> &mut Self {
        self.raw(path.as_bytes(), b'1', target.as_bytes(), 0, b"");
        self
    }

    /// The whole, with its end.
    pub(crate) fn end(&self) -> Vec<u8> {
        [self.0.as_slice(), &[0; 1024]].concat()
    }
}
