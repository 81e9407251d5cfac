//! The files of a session: as they are, as they are sent, and the way between the two.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{FileId, FilePath, Sources};
use fix::{Key, Store};
use model::Model;
use model::detect::{Kind, detect};
use redact::{Map, Options, Text};

use crate::ask::World;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The name under which it is sent: the real one may say who and where.
    pub label: String,
    /// Its path for people.
    pub shown: FilePath,
    /// Where it is from, and its real path.
    pub key: Key,
    /// Its bytes.
    pub old: Arc<[u8]>,
    /// Its bytes as they may be sent.
    pub hidden: Vec<u8>,
    pub(crate) tongue: Tongue,
    swaps: Vec<Swap>,
}

/// What language a file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// nginx.
    Nginx,
    /// Pools of PHP-FPM.
    Fpm,
    /// php.ini.
    PhpIni,
    /// What cannot be edited: a dump.
    Other,
}

/// A value and its placeholder: where they begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Swap {
    old: (usize, usize),
    hidden: (usize, usize),
}

/// All files that were read.
pub(crate) struct Papers {
    pub(crate) list: Vec<Paper>,
    pub(crate) map: Map,
    /// The paper of each file of the model.
    of_file: Vec<usize>,
}

impl Papers {
    /// Redacts all files of a model together: what is secret in one is secret in all.
    pub(crate) fn new(world: &World<'_>, model: &Model, options: &Options<'_>) -> Papers {
        let mut papers = Papers {
            list: Vec::new(),
            map: Map::default(),
            of_file: Vec::new(),
        };
        let inis = php_inis(model);
        for (file, source) in model.sources.iter() {
            let key = key_of(world, &model.sources, file);
            let index = papers.list.iter().position(|paper| paper.key == key);
            let index = index.unwrap_or_else(|| {
                papers.list.push(Paper {
                    label: String::new(),
                    shown: source.shown().clone(),
                    key,
                    old: source.bytes.clone(),
                    hidden: Vec::new(),
                    tongue: tongue(model, file, &inis),
                    swaps: Vec::new(),
                });
                papers.list.len() - 1
            });
            papers.of_file.push(index);
        }
        papers.label();
        papers.hide(options);
        papers
    }

    /// Numbers, because a name such as `shop.example.conf` says whose configuration it is.
    fn label(&mut self) {
        let mut counts = [0; 4];
        for paper in &mut self.list {
            let (index, stem, end) = match paper.tongue {
                Tongue::Nginx => (0, "nginx", "conf"),
                // The ending tells the redactor what it is.
                Tongue::Fpm => (1, "fpm", "ini"),
                Tongue::PhpIni => (2, "php", "ini"),
                Tongue::Other => (3, "other", "txt"),
            };
            counts[index] += 1;
            paper.label = format!("{stem}-{}.{end}", counts[index]);
        }
    }

    fn hide(&mut self, options: &Options<'_>) {
        let texts: Vec<Text<'_>> = self
            .list
            .iter()
            .map(|paper| Text {
                path: paper.label.as_bytes(),
                bytes: &paper.old,
            })
            .collect();
        let redacted = redact::redact(&texts, options);
        let mut finds: Vec<Vec<Find>> = vec![Vec::new(); self.list.len()];
        for found in redacted.found {
            finds[found.text].push(Find {
                start: found.start,
                end: found.end,
                placeholder: found.placeholder,
            });
        }
        self.map = redacted.map;
        for (paper, finds) in self.list.iter_mut().zip(finds) {
            paper.hide(finds);
            paper.hide_paths(&mut self.map);
        }
    }

    /// What stands for the files when the configuration is read as it is sent.
    pub(crate) fn hidden_store(&self) -> Store {
        let papers = self.list.iter();
        let papers = papers.map(|paper| (paper.key.clone(), paper.hidden.clone().into()));
        Store(papers.collect())
    }

    /// The index of a file of the model.
    pub(crate) fn of_file(&self, file: FileId) -> usize {
        self.of_file[file.0 as usize]
    }

    /// The index of a label.
    pub(crate) fn of_label(&self, label: &str) -> Option<usize> {
        self.list.iter().position(|paper| paper.label == label)
    }

    /// Whether a word is one of the placeholders of secrets that stand in a text.
    pub(crate) fn holds_secret(&self, text: &[u8]) -> bool {
        let mut entries = self.map.entries.iter();
        entries.any(|entry| {
            entry.placeholder.starts_with(&self.map.prefix)
                && contains(text, entry.placeholder.as_bytes())
        })
    }
}

/// A value that is hidden, in the file.
#[derive(Clone, Debug)]
struct Find {
    start: usize,
    end: usize,
    placeholder: String,
}

impl Paper {
    /// Writes the text that is sent; the places are in order.
    fn hide(&mut self, finds: Vec<Find>) {
        self.hidden.clear();
        self.swaps.clear();
        let mut at = 0;
        for find in finds {
            self.hidden.extend_from_slice(&self.old[at..find.start]);
            let start = self.hidden.len();
            self.hidden.extend_from_slice(find.placeholder.as_bytes());
            self.swaps.push(Swap {
                old: (find.start, find.end),
                hidden: (start, self.hidden.len()),
            });
            at = find.end;
        }
        self.hidden.extend_from_slice(&self.old[at..]);
    }

    /// Values that the redactor leaves where they are parts of paths, such as the host in the path
    /// of a certificate: a path that leads nowhere harms nobody who only reads.
    fn hide_paths(&mut self, map: &mut Map) {
        let mut more = Vec::new();
        for leak in map.leaks(&self.hidden) {
            let value = map.get(&leak.placeholder).map(|entry| entry.value.clone());
            let value = value.unwrap_or_default();
            let end = leak.start + value.len();
            // A stand-in may look like a value: an address of one network for one of another.
            let is_ours = |swap: &Swap| swap.hidden.0 < end && leak.start < swap.hidden.1;
            let is_plain =
                self.hidden[leak.start..].starts_with(&value) && !self.swaps.iter().any(is_ours);
            let (start, end) = (self.to_old(leak.start), self.to_old(end));
            if let (true, Some(start), Some(end)) = (is_plain, start, end) {
                more.push(Find {
                    start,
                    end,
                    placeholder: leak.placeholder,
                });
            }
        }
        if more.is_empty() {
            return;
        }
        let uses = map.uses.iter_mut();
        let label = self.label.as_bytes();
        for uses in uses.filter(|uses| uses.path == label) {
            for find in &more {
                *uses.counts.entry(find.placeholder.clone()).or_default() += 1;
            }
        }
        let known = self.swaps.iter().map(|swap| Find {
            start: swap.old.0,
            end: swap.old.1,
            placeholder: String::from_utf8_lossy(&self.hidden[swap.hidden.0..swap.hidden.1])
                .into_owned(),
        });
        let mut all: Vec<Find> = known.chain(more).collect();
        all.sort_by_key(|find| find.start);
        self.hide(all);
    }

    /// The place of a byte of the file in what is sent; inside a value it is that of its
    /// placeholder.
    pub(crate) fn to_hidden(&self, old: usize) -> usize {
        let before = self.swaps.iter().rev().find(|swap| swap.old.0 <= old);
        match before {
            None => old,
            Some(swap) if old < swap.old.1 => swap.hidden.0,
            Some(swap) => swap.hidden.1 + (old - swap.old.1),
        }
    }

    /// The place of a byte of what is sent in the file; `None` inside a placeholder.
    pub(crate) fn to_old(&self, hidden: usize) -> Option<usize> {
        let before = self.swaps.iter().rev().find(|swap| swap.hidden.0 < hidden);
        match before {
            None => Some(hidden),
            Some(swap) if hidden < swap.hidden.1 => None,
            Some(swap) => Some(swap.old.1 + (hidden - swap.hidden.1)),
        }
    }

    /// The 1-based line of a byte of what is sent.
    pub(crate) fn line(&self, hidden: usize) -> usize {
        line_of(&self.hidden, hidden)
    }
}

/// The 1-based line of a byte.
pub(crate) fn line_of(text: &[u8], at: usize) -> usize {
    let before = &text[..at.min(text.len())];
    before.iter().filter(|b| **b == b'\n').count() + 1
}

pub(crate) fn contains(text: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && text.windows(needle.len()).any(|window| window == needle)
}

/// Where a file of a model is from, and its real path.
pub(crate) fn key_of(world: &World<'_>, sources: &Sources, file: FileId) -> Key {
    let source = sources.get(file);
    let path = (world.resolve)(source.via.as_deref(), &source.path);
    (source.via.clone(), path)
}

fn php_inis(model: &Model) -> BTreeSet<FileId> {
    let of_fpm = model.fpm.iter().flat_map(|fpm| &fpm.php_ini.comments);
    of_fpm.map(|(file, _)| *file).collect()
}

fn tongue(model: &Model, file: FileId, inis: &BTreeSet<FileId>) -> Tongue {
    let source = model.sources.get(file);
    let is_nginx = model
        .nginx
        .iter()
        .any(|nginx| nginx.config.tree_of(file).is_some());
    match detect(&source.path, &source.bytes) {
        _ if is_nginx => Tongue::Nginx,
        Some(Kind::FpmDump) => Tongue::Other,
        Some(Kind::UserIni) => Tongue::PhpIni,
        _ if inis.contains(&file) || source.path.name().ends_with(b".ini") => Tongue::PhpIni,
        _ => Tongue::Fpm,
    }
}
