//! The files of a session: as they are, as they are sent, and the way between the two.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{FileId, FilePath, Sources};
use fix::{Key, Store};
use model::Model;
use model::detect::{Kind, detect};
use redact::{Found, Map, Options, Text};

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
        let swaps: Vec<Vec<Swap>> = (0..self.list.len())
            .map(|index| swaps(redacted.found.iter().filter(|found| found.text == index)))
            .collect();
        for ((paper, hidden), swaps) in self.list.iter_mut().zip(redacted.texts).zip(swaps) {
            paper.hidden = hidden;
            paper.swaps = swaps;
        }
        self.map = redacted.map;
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

impl Paper {
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

fn swaps<'f>(found: impl Iterator<Item = &'f Found>) -> Vec<Swap> {
    let mut out: Vec<Swap> = Vec::new();
    for found in found {
        let (old_end, hidden_end) = out
            .last()
            .map_or((0, 0), |last| (last.old.1, last.hidden.1));
        let start = hidden_end + (found.start - old_end);
        out.push(Swap {
            old: (found.start, found.end),
            hidden: (start, start + found.placeholder.len()),
        });
    }
    out
}
