//! What waits for the collector, in order: files in a folder, each a payload as it is sent. What
//! cannot be written waits in memory.
//!
//! The name of a file says all that has to be known of it: `NUMBER-LAST-RECORDS.json`, where
//! `LAST` is the number of its last incident.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{hold, replace};

/// What waits in memory at most, in bytes.
const MOST_IN_MEMORY: u64 = 2 << 20;
/// The file with the number of the last incident that was put in.
const CURSOR: &str = "cursor";

/// Payloads that wait.
#[derive(Debug)]
pub(super) struct Spool {
    folder: Option<PathBuf>,
    most: u64,
    waiting: VecDeque<Batch>,
    next: u64,
    cursor: Option<u64>,
    /// The cursor as it stands in its file.
    saved: Option<u64>,
    /// The one that is being sent: it is not given up meanwhile.
    sending: Option<u64>,
    /// Whoever holds it is the only one with this folder.
    _lock: Option<File>,
}

#[derive(Clone, Debug)]
struct Batch {
    number: u64,
    last: u64,
    records: u64,
    bytes: u64,
    /// The payload, when it could not be written.
    kept: Option<Arc<[u8]>>,
}

impl Batch {
    fn name(&self) -> String {
        format!("{:016}-{}-{}.json", self.number, self.last, self.records)
    }

    fn of_name(name: &str, bytes: u64) -> Option<Batch> {
        let mut parts = name.strip_suffix(".json")?.split('-');
        let mut number = || parts.next()?.parse().ok();
        let (number, last, records) = (number()?, number()?, number()?);
        let batch = Batch {
            number,
            last,
            records,
            bytes,
            kept: None,
        };
        // Any other name is not ours.
        (batch.name() == name).then_some(batch)
    }
}

/// A payload to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payload {
    /// To be named when it is done.
    pub(super) number: u64,
    /// How many records it has.
    pub(super) records: u64,
    /// It; none when its file is gone or a part of one.
    pub(super) bytes: Option<Vec<u8>>,
}

impl Spool {
    /// With what waits in a folder, which is made; without one all waits in memory.
    ///
    /// # Errors
    /// Why the folder cannot be used; for people.
    pub(super) fn open(folder: Option<&Path>, most: u64) -> Result<Spool, String> {
        let mut spool = Spool {
            folder: folder.map(Path::to_owned),
            most,
            waiting: VecDeque::new(),
            next: 1,
            cursor: None,
            saved: None,
            sending: None,
            _lock: None,
        };
        let Some(folder) = folder else {
            return Ok(spool);
        };
        let shown = base::source::printable(folder.as_os_str().as_encoded_bytes());
        let wrong = |error: io::Error| format!("{shown}: {error}");
        fs::create_dir_all(folder).map_err(wrong)?;
        spool._lock = hold(&folder.join("lock")).map_err(wrong)?;
        if spool._lock.is_none() {
            return Err(format!("{shown} is in use by another agent"));
        }
        spool.find(folder).map_err(wrong)?;
        Ok(spool)
    }

    /// What an earlier agent has left.
    fn find(&mut self, folder: &Path) -> io::Result<()> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.ends_with(".json.new") {
                // It was ended while it wrote; what was in it is gathered again.
                fs::remove_file(entry.path())?;
            } else if let Some(batch) = Batch::of_name(name, entry.metadata()?.len()) {
                found.push(batch);
            }
        }
        found.sort_by_key(|batch| batch.number);
        let text = fs::read_to_string(folder.join(CURSOR)).ok();
        self.saved = text.and_then(|text| text.trim().parse().ok());
        self.cursor = self.saved;
        if let Some(newest) = found.last() {
            self.next = newest.number.saturating_add(1);
            // The file was written, and the cursor was not any more.
            self.cursor = self.cursor.max(Some(newest.last));
        }
        self.waiting = found.into();
        Ok(())
    }

    /// The number of the last incident that was put in.
    pub(super) fn cursor(&self) -> Option<u64> {
        self.cursor
    }

    /// Remembers it.
    pub(super) fn set_cursor(&mut self, number: u64) -> io::Result<()> {
        self.cursor = Some(number);
        if let Some(folder) = &self.folder
            && self.saved != self.cursor
        {
            replace(&folder.join(CURSOR), number.to_string().as_bytes())?;
            self.saved = self.cursor;
        }
        Ok(())
    }

    /// How many bytes wait.
    pub(super) fn bytes(&self) -> u64 {
        self.waiting.iter().map(|batch| batch.bytes).sum()
    }

    /// Lets a payload wait behind the others, in memory until it is written. How many records had
    /// to be given up for it.
    pub(super) fn put(&mut self, payload: Vec<u8>, records: u64, last: u64) -> u64 {
        let batch = Batch {
            number: self.next,
            last,
            records,
            bytes: payload.len() as u64,
            kept: Some(payload.into()),
        };
        self.next = self.next.saturating_add(1);
        self.waiting.push_back(batch);
        // What keeps it in memory is said when it is tried again.
        let _unwritten = self.write();
        self.shrink()
    }

    /// Writes what waits in memory.
    ///
    /// # Errors
    /// As the disk.
    pub(super) fn write(&mut self) -> io::Result<()> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        for batch in &mut self.waiting {
            if let Some(payload) = &batch.kept {
                replace(&folder.join(batch.name()), payload)?;
                batch.kept = None;
            }
        }
        Ok(())
    }

    /// Gives up the oldest until the rest may wait; how many records that were.
    fn shrink(&mut self) -> u64 {
        let mut lost = 0;
        while self.bytes() > self.most {
            lost += self.give_up(|_| true);
        }
        let in_memory = |spool: &Spool| -> u64 {
            let kept = spool.waiting.iter().filter(|batch| batch.kept.is_some());
            kept.map(|batch| batch.bytes).sum()
        };
        while in_memory(self) > MOST_IN_MEMORY {
            lost += self.give_up(|batch| batch.kept.is_some());
        }
        lost
    }

    /// The oldest of a kind; the one that is being sent only when there is no other.
    fn give_up(&mut self, kind: impl Fn(&Batch) -> bool) -> u64 {
        let at = |skip: Option<u64>| {
            let mut all = self.waiting.iter();
            all.position(|batch| kind(batch) && Some(batch.number) != skip)
        };
        let at = at(self.sending).or_else(|| at(None));
        let Some(batch) = at.and_then(|at| self.waiting.remove(at)) else {
            return 0;
        };
        self.remove(&batch);
        batch.records
    }

    /// The next one to send.
    pub(super) fn first(&mut self) -> Option<Payload> {
        let batch = self.waiting.front()?;
        self.sending = Some(batch.number);
        let bytes = match (&batch.kept, &self.folder) {
            (Some(kept), _) => Some(kept.to_vec()),
            (None, Some(folder)) => fs::read(folder.join(batch.name())).ok(),
            (None, None) => None,
        };
        let is_whole = |bytes: &Vec<u8>| bytes.len() as u64 == batch.bytes && !bytes.is_empty();
        Some(Payload {
            number: batch.number,
            records: batch.records,
            bytes: bytes.filter(is_whole),
        })
    }

    /// Forgets one that was sent, or that nobody wants; whether it was still there.
    pub(super) fn done(&mut self, number: u64) -> bool {
        self.sending = None;
        if let Some(cursor) = self.cursor {
            // The name of the file that goes now may be all that tells it.
            let _unsaved = self.set_cursor(cursor);
        }
        let mut all = self.waiting.iter();
        let at = all.position(|batch| batch.number == number);
        let Some(batch) = at.and_then(|at| self.waiting.remove(at)) else {
            return false;
        };
        self.remove(&batch);
        true
    }

    fn remove(&self, batch: &Batch) {
        if let Some(folder) = &self.folder
            && batch.kept.is_none()
        {
            // One that stays is sent twice after a restart, and can be told by its id.
            let _gone = fs::remove_file(folder.join(batch.name()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};

    use proptest::prelude::*;

    use super::{MOST_IN_MEMORY, Spool};

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Folder {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("badgateway-spool-{}-{number}", std::process::id());
            Folder(std::env::temp_dir().join(name))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _gone = fs::remove_dir_all(&self.0);
        }
    }

    const MOST: u64 = 1000;

    #[derive(Clone, Debug)]
    enum Step {
        Put(usize),
        Send,
        /// Killed after the file was written, before the cursor was.
        Kill,
        Leave,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (1..700_usize).prop_map(Step::Put),
            3 => Just(Step::Send),
            1 => Just(Step::Kill),
            1 => Just(Step::Leave),
        ];
        prop::collection::vec(step, 1..40)
    }

    fn open(folder: &Path) -> Spool {
        Spool::open(Some(folder), MOST).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever happens, payloads come out in order, once, unless the bound took them, and that
        /// is counted; nothing is put in twice.
        #[test]
        fn what_goes_in_comes_out_in_order(steps in steps()) {
            let folder = Folder::new();
            let mut spool = open(&folder.0);
            let (mut put, mut got, mut lost) = (0_u64, Vec::new(), 0);
            for step in steps {
                match step {
                    Step::Put(len) => {
                        put += 1;
                        let payload = format!("{put:0>len$}").into_bytes();
                        lost += spool.put(payload, 1, put);
                        spool.set_cursor(put).unwrap();
                    }
                    Step::Send => {
                        if let Some(payload) = spool.first() {
                            let text = String::from_utf8(payload.bytes.unwrap()).unwrap();
                            got.push(text.parse::<u64>().unwrap());
                            prop_assert!(spool.done(payload.number));
                        }
                    }
                    Step::Kill => {
                        put += 1;
                        lost += spool.put(format!("{put:0>20}").into(), 1, put);
                        drop(spool);
                        fs::write(folder.0.join("9-9-9.json.new"), "half").unwrap();
                        fs::write(folder.0.join("0-0-0.json"), "a stranger's").unwrap();
                        spool = open(&folder.0);
                        prop_assert_eq!(spool.cursor(), Some(put));
                    }
                    Step::Leave => {
                        drop(spool);
                        spool = open(&folder.0);
                        prop_assert_eq!(spool.cursor().unwrap_or(0), put);
                    }
                }
                prop_assert!(spool.bytes() <= MOST);
                let files = fs::read_dir(&folder.0).unwrap();
                let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
                let kept = names.filter(|name| name.len() > 16 && name.ends_with(".json"));
                prop_assert_eq!(kept.count(), spool.waiting.len());
            }
            prop_assert!(got.is_sorted_by(|a, b| a < b), "{got:?}");
            let waiting = spool.waiting.len() as u64;
            prop_assert_eq!(got.len() as u64 + waiting + lost, put);
        }
    }

    #[test]
    fn one_agent_has_a_folder() {
        let folder = Folder::new();
        let spool = open(&folder.0);
        let second = Spool::open(Some(&folder.0), MOST).unwrap_err();
        assert!(second.contains("in use by another agent"), "{second}");
        drop(spool);
        open(&folder.0);
    }

    #[test]
    fn what_cannot_be_written_waits_in_memory_and_is_written_later() {
        let folder = Folder::new();
        let mut spool = Spool::open(Some(&folder.0), 100 << 20).unwrap();
        fs::remove_dir_all(&folder.0).unwrap();
        let mut lost = 0;
        for number in 1..=30 {
            lost += spool.put(vec![b' '; 100 << 10], 25, number);
            assert!(spool.write().is_err());
        }
        assert!(spool.bytes() <= MOST_IN_MEMORY);
        assert_eq!(lost, (30 - spool.waiting.len() as u64) * 25);
        fs::create_dir(&folder.0).unwrap();
        spool.write().unwrap();
        let files = fs::read_dir(&folder.0).unwrap().count();
        assert_eq!(files, spool.waiting.len());
        let first = spool.first().unwrap();
        assert_eq!(first.bytes.unwrap().len(), 100 << 10);
        // A file that somebody cut is not sent.
        let second = spool.waiting[1].clone();
        fs::write(folder.0.join(second.name()), "").unwrap();
        assert!(spool.done(first.number));
        assert_eq!(spool.first().unwrap().bytes, None);
    }

    #[test]
    fn the_one_that_is_being_sent_is_given_up_last() {
        let mut spool = Spool::open(None, 100).unwrap();
        assert_eq!(spool.put(vec![b'a'; 40], 1, 1), 0);
        assert_eq!(spool.put(vec![b'b'; 40], 1, 2), 0);
        let sending = spool.first().unwrap();
        assert_eq!(spool.put(vec![b'c'; 40], 1, 3), 1);
        assert!(spool.done(sending.number));
        assert_eq!(spool.first().unwrap().bytes, Some(vec![b'c'; 40]));
        // What is too large by itself takes nothing else with it.
        assert_eq!(spool.put(vec![b'd'; 101], 7, 4), 7);
        assert_eq!(spool.bytes(), 40);
    }
}
