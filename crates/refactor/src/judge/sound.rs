//! One edit on its own: where it goes, and whether it keeps to the rules. Everything here looks at
//! redacted texts only, so its reasons may be told to anybody.

use std::ops::Range;

use super::Why;
use super::forbidden;
use super::place::{block_around, contains, locate, replaced, section_at};
use super::statements::{self, Changed, Shape, Statement, Text};
use crate::extract::Proposal;
use crate::papers::{Paper, Papers, Tongue};
use crate::target::Target;

/// An edit that may be tried.
#[derive(Clone, Debug)]
pub(crate) struct Sound {
    pub(crate) proposal: Proposal,
    /// The paper.
    pub(crate) paper: usize,
    /// The place in it as it is sent.
    pub(crate) range: Range<usize>,
    /// What takes its place, with the line ends of the file.
    pub(crate) new: Vec<u8>,
}

/// What the edits of one answer are held against.
pub(crate) struct Bar<'b> {
    pub(crate) papers: &'b Papers,
    /// The papers that were sent.
    pub(crate) sent: &'b [usize],
    pub(crate) targets: &'b [Target],
    /// The texts as they are sent, read.
    pub(crate) texts: Vec<Text>,
}

/// The kind of a reason, and the reason in words.
pub(crate) type Slip = (Why, String);

impl<'b> Bar<'b> {
    pub(crate) fn new(papers: &'b Papers, sent: &'b [usize], targets: &'b [Target]) -> Self {
        let list = papers.list.iter();
        let texts = list.map(|paper| statements::read(paper.tongue, &paper.hidden));
        Self {
            papers,
            sent,
            targets,
            texts: texts.collect(),
        }
    }

    /// Whether an edit may be tried.
    pub(crate) fn hold(&self, proposal: &Proposal) -> Result<Sound, Slip> {
        let unknown = || (Why::Place, "there is no such file".to_owned());
        let paper_at = self.papers.of_label(&proposal.file).ok_or_else(unknown)?;
        if !self.sent.contains(&paper_at) {
            return Err(unknown());
        }
        let paper = &self.papers.list[paper_at];
        let (range, new) = locate(paper, proposal)?;
        let after = replaced(&paper.hidden, &range, &new);
        if after == paper.hidden {
            return Err((Why::Useless, "it changes nothing".to_owned()));
        }
        self.placeholders(paper, &after)?;
        let (before, read) = (
            &self.texts[paper_at],
            statements::read(paper.tongue, &after),
        );
        syntax(before, &read)?;
        spaces(&paper.hidden[range.clone()], &new)?;
        let changes = statements::changes(&before.statements, &read.statements);
        if changes.is_empty() {
            let words = "it changes white space only".to_owned();
            return Err((Why::Space, words));
        }
        for change in changes {
            self.change(paper_at, &range, change)?;
        }
        Ok(Sound {
            proposal: proposal.clone(),
            paper: paper_at,
            range,
            new,
        })
    }

    /// Every placeholder stands where it stood, and none is new.
    fn placeholders(&self, paper: &Paper, after: &[u8]) -> Result<(), Slip> {
        let map = &self.papers.map;
        let old = redact::restore(&paper.hidden, map);
        let new = redact::restore(after, map);
        let known = |slip: &redact::Slip| {
            let same = |other: &&redact::Slip| {
                (other.kind, &other.placeholder) == (slip.kind, &slip.placeholder)
            };
            let times = |list: &[redact::Slip]| list.iter().filter(same).count();
            times(&new.slips) <= times(&old.slips)
        };
        let fresh = new.slips.iter().find(|slip| !known(slip)).cloned();
        let counted = || {
            redact::compare(paper.label.as_bytes(), &new, map)
                .into_iter()
                .next()
        };
        match fresh.or_else(counted) {
            None => Ok(()),
            Some(slip) => {
                let words = format!(
                    "the placeholder {} is {}",
                    base::source::printable(slip.placeholder.as_bytes()),
                    slip.kind.word()
                );
                Err((Why::Placeholder, words))
            }
        }
    }

    /// One statement that is other than it was.
    fn change(&self, paper: usize, at: &Range<usize>, change: Changed<'_>) -> Result<(), Slip> {
        let tongue = self.papers.list[paper].tongue;
        let Some(one) = change.new.or(change.old) else {
            return Ok(());
        };
        let shown = base::source::printable(&one.name);
        let holds =
            |one: Option<&Statement>| one.is_some_and(|one| self.papers.holds_secret(&one.bytes()));
        if holds(change.old) || holds(change.new) {
            let words = format!("it touches `{shown}`, which holds a placeholder of a secret");
            return Err((Why::Placeholder, words));
        }
        match one.shape {
            Shape::Code => return Err((Why::Forbidden, format!("`{shown}` is code"))),
            Shape::Entry => {
                let words = format!("it changes `{shown}`, an entry of a table");
                return Err((Why::Unrelated, words));
            }
            Shape::Simple | Shape::Block => {}
        }
        let added = change.old.is_none().then_some(one.values.as_slice());
        if let Some(power) = forbidden::power(tongue, &one.name, added) {
            let words = format!(
                "`{shown}` {}: a model may not add, change or remove it",
                power.words()
            );
            return Err((Why::Forbidden, words));
        }
        if one.shape == Shape::Block && change.old.is_some() {
            let words = format!("it changes what `{shown}` stands around");
            return Err((Why::Unrelated, words));
        }
        self.scope(paper, at, change, one, &shown)
    }

    /// A finding must speak of it, here, and the words must be plain.
    fn scope(
        &self,
        paper: usize,
        at: &Range<usize>,
        change: Changed<'_>,
        one: &Statement,
        shown: &str,
    ) -> Result<(), Slip> {
        let speaks = |target: &&Target| match one.shape {
            Shape::Block => target.blocks.contains(&one.name),
            _ => target.names.contains(&one.name),
        };
        let named: Vec<&Target> = self.targets.iter().filter(speaks).collect();
        if named.is_empty() {
            let words = format!("it changes `{shown}`, of which no finding speaks");
            return Err((Why::Unrelated, words));
        }
        let here = |target: &&&Target| self.is_near(paper, at.start, one, target);
        let near: Vec<&&Target> = named.iter().filter(here).collect();
        if near.is_empty() {
            let words = format!("it changes `{shown}` in a place of which no finding speaks");
            return Err((Why::Unrelated, words));
        }
        let Some(new) = change.new else {
            return Ok(());
        };
        for word in &new.values {
            let word = statements::bare(word);
            let old = change.old.map_or(&[][..], |old| &old.values);
            let is_old = old.iter().any(|old| statements::bare(old) == word);
            let on_page = near.iter().any(|target| target.words.contains(&word));
            if !is_old && !on_page && !is_plain(&word) {
                let words = format!(
                    "`{shown}` gets a word that is no number, size, time or plain word, and that \
                     neither the file nor the rule's page has"
                );
                return Err((Why::Value, words));
            }
        }
        Ok(())
    }

    /// Whether one of a target's places is in the same block, around it or inside it.
    fn is_near(&self, paper: usize, at: usize, one: &Statement, target: &Target) -> bool {
        let text = &self.texts[paper];
        let mut places = target
            .places
            .iter()
            .filter(|(index, ..)| *index == paper)
            .map(|(_, start, _)| *start);
        match self.papers.list[paper].tongue {
            Tongue::Nginx => {
                let own = block_around(text, at);
                places.any(|place| {
                    let theirs = block_around(text, place);
                    contains(&own, &theirs) || contains(&theirs, &own)
                })
            }
            // php.ini knows no sections that matter.
            Tongue::PhpIni => places.next().is_some(),
            Tongue::Fpm | Tongue::Other => {
                let section = one.path.first();
                places.any(|place| section_at(text, place).as_ref() == section)
            }
        }
    }
}

/// A number, a size, a time, a switch or a word without dots, slashes or variables.
fn is_plain(word: &[u8]) -> bool {
    let is_number = word.first().is_some_and(u8::is_ascii_digit);
    let may = |b: &u8| b.is_ascii_alphanumeric() || b"_-%".contains(b) || *b == b'.' && is_number;
    let dots = word.iter().filter(|b| **b == b'.').count();
    !word.is_empty() && word.len() <= 40 && dots <= 1 && word.iter().all(may)
}

/// It can still be read, comments and what nobody reads are as they were.
fn syntax(before: &Text, after: &Text) -> Result<(), Slip> {
    if let (None, Some(error)) = (&before.error, &after.error) {
        let error = base::source::printable(error.as_bytes());
        return Err((
            Why::Syntax,
            format!("the file can no longer be read: {error}"),
        ));
    }
    if before.error != after.error || before.ignored != after.ignored {
        let words = "it changes a part that no server reads".to_owned();
        return Err((Why::Syntax, words));
    }
    match before.comments == after.comments {
        true => Ok(()),
        false => {
            let words = "it adds, changes or removes a comment".to_owned();
            Err((Why::Comment, words))
        }
    }
}

/// No line changes its white space alone.
fn spaces(old: &[u8], new: &[u8]) -> Result<(), Slip> {
    let lines = |text: &[u8]| -> Vec<Vec<u8>> {
        let lines = text.split(|b| *b == b'\n');
        lines.map(<[u8]>::to_vec).collect()
    };
    let squeezed = |line: &[u8]| -> Vec<u8> {
        let bytes = line.iter().filter(|b| !b.is_ascii_whitespace());
        bytes.copied().collect()
    };
    let (old, new) = (lines(old), lines(new));
    let gone: Vec<&Vec<u8>> = old.iter().filter(|line| !new.contains(line)).collect();
    let added = new.iter().filter(|line| !old.contains(line));
    let mut reformatted = added.filter(|line| {
        let bare = squeezed(line);
        !bare.is_empty() && gone.iter().any(|old| squeezed(old) == bare)
    });
    match reformatted.next() {
        None => Ok(()),
        Some(_) => {
            let words = "it changes the white space of a line and nothing else in it".to_owned();
            Err((Why::Space, words))
        }
    }
}
