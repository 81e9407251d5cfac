//! How much is read at most: what is packed may unpack to anything.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

use crate::tar::Stream;

/// An archive may unpack to so many times its size …
const MOST_TIMES: u64 = 200;
/// … and this much besides: small archives are not measured by their size.
const FREE: u64 = 256 << 20;

/// Bytes that may still be read.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<AtomicU64>);

impl Budget {
    /// For an archive of so many bytes.
    pub(crate) fn of(size: u64) -> Budget {
        let most = size.saturating_mul(MOST_TIMES).saturating_add(FREE);
        Budget(Arc::new(AtomicU64::new(most)))
    }

    fn take(&self, count: usize) -> io::Result<()> {
        let take = |left: u64| left.checked_sub(count as u64);
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        let too_much = |_| {
            io::Error::other(format!(
                "it unpacks to more than {MOST_TIMES} times its size; the rest was not read"
            ))
        };
        taken.map(drop).map_err(too_much)
    }
}

/// A stream that counts, and tells the digest of what went through if that is wanted.
pub(crate) struct Flow<'r> {
    inner: Box<dyn Read + 'r>,
    budget: Budget,
    digest: Option<Sha256>,
}

impl<'r> Flow<'r> {
    pub(crate) fn new(inner: Box<dyn Read + 'r>, budget: Budget, is_digested: bool) -> Flow<'r> {
        Flow {
            inner,
            budget,
            digest: is_digested.then(Sha256::new),
        }
    }

    /// Reads to the end.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        while self.read(&mut buffer)? > 0 {}
        Ok(())
    }

    /// The digest of all that was read, in hexadecimal digits.
    pub(crate) fn digest(self) -> Option<String> {
        Some(hex(&self.digest?.finalize()))
    }
}

impl Read for Flow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.budget.take(count)?;
        if let Some(digest) = &mut self.digest {
            digest.update(&into[..count]);
        }
        Ok(count)
    }
}

impl Stream for Flow<'_> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        let mut buffer = [0; 16 << 10];
        let mut left = count;
        while left > 0 {
            let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            match self.read(&mut buffer[..most])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => left -= read as u64,
            }
        }
        Ok(())
    }
}

/// The SHA-256 of some bytes, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
