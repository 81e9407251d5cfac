//! A session: one question, at most one repair, a verdict.
//!
//! ```text
//! begin ─► Send ─ answer ─► Send (why it was refused) ─ answer ─► Done
//!   │        └───── answer ───────────────────────────────────────▲
//!   └─ nothing to ask ────────────────────────────────────────────┘
//! ```
//!
//! It is a value without a clock: with the same files and the same answers it ends the same, so
//! who cannot keep it makes it anew and gives it the answers once more.

use base::{Problem, ProblemKind};
use fix::Store;
use rules::Context;

use crate::ask::{Ask, World};
use crate::judge::recheck::Seen;
use crate::judge::{Judge, Judged};
use crate::look::{Refusal, look, look_at};
use crate::papers::{Paper, Papers};
use crate::prompt;
use crate::target::{Target, choose};
use crate::told::{Detail, tell};
use crate::verdict::{Ended, Verdict, files};
use crate::wire::{Request, Role, Talk, Trouble, Turn};

/// Longest part of a refused answer that is sent back.
const MOST_BACK: usize = 16 << 10;

/// What comes next.
#[derive(Debug)]
pub enum Step<'s> {
    /// This request, and then [`Session::answer`].
    Send(&'s Request),
    /// Nothing more.
    Done(&'s Verdict),
}

enum State {
    Sending(Box<Request>),
    Done(Box<Verdict>),
}

/// One session.
pub struct Session<'a> {
    world: World<'a>,
    ask: Ask<'a>,
    papers: Papers,
    targets: Vec<Target>,
    /// Findings that were left out of the question.
    more: usize,
    sent: Vec<usize>,
    indices: Vec<usize>,
    before: Seen,
    turns: Vec<Turn>,
    rounds: usize,
    best: Judged,
    reasons: Vec<String>,
    state: State,
}

impl<'a> Session<'a> {
    /// Reads, redacts and writes the first request.
    pub fn begin(world: World<'a>, ask: Ask<'a>) -> Session<'a> {
        let model = (world.load)(&Store::default());
        let papers = Papers::new(&world, &model, &ask.redact);
        let before = Seen::of(&world, &model, &ask.wants.options);
        let mut options = ask.wants.options.clone();
        options.strict = true;
        let cx = Context::with(&model, options);
        let findings = rules::check(&cx);
        let (targets, more) = choose(&cx, &findings, &ask.wants, &papers);
        drop(cx);
        let is_whole = |problem: &Problem| problem.kind == ProblemKind::Unknown;
        let is_whole = model.problems.iter().all(is_whole);
        let indices = targets.iter().map(|target| {
            let same = |finding: &base::Finding| *finding == target.finding;
            findings.iter().position(same).unwrap_or(usize::MAX)
        });
        let mut session = Session {
            indices: indices.collect(),
            world,
            ask,
            papers,
            targets,
            more,
            sent: Vec::new(),
            before,
            turns: Vec::new(),
            rounds: 0,
            best: Judged::default(),
            reasons: Vec::new(),
            state: State::Done(Box::default()),
        };
        session.ask_first(is_whole);
        session
    }

    fn ask_first(&mut self, is_whole: bool) {
        if !is_whole {
            let words =
                "a server would refuse these files: nothing is asked until they can be read";
            return self.done(None, Some(refusal(words)));
        }
        if self.targets.is_empty() {
            return self.done(None, None);
        }
        // What is wrong with a shorter text is wrong with the files, and stops it all.
        for detail in [Detail::Full, Detail::Summaries, Detail::Bare] {
            let (world, ask) = (&self.world, &self.ask);
            let told = tell(world, ask, &self.papers, &self.targets, detail);
            let (text, sent) = prompt::user(&self.papers, &self.targets, &told);
            self.sent = sent;
            self.turns = vec![Turn {
                role: Role::User,
                text,
            }];
            let text = &self.turns[0].text;
            if look_at(text, &self.papers.map, &self.ask.redact).is_ok() {
                break;
            }
        }
        self.send();
    }

    /// Makes the request of what was said so far and looks through it.
    fn send(&mut self) {
        let system = prompt::system(&self.papers.map.prefix);
        let talk = Talk {
            base: self.ask.base(),
            model: &self.ask.model,
            system: &system,
            turns: &self.turns,
            most_tokens: self.ask.most_tokens,
            is_streamed: self.ask.is_streamed,
        };
        let request = self.ask.wire.request(&talk, self.ask.from_browser);
        match look(&request.body, &self.papers.map, &self.ask.redact) {
            Ok(()) => self.state = State::Sending(Box::new(request)),
            // The first answer counts all the same.
            Err(refusal) if self.rounds > 0 => {
                let words = refusal.words;
                self.reasons
                    .push(format!("no second question was sent: {words}"));
                self.done(None, None);
            }
            Err(refusal) => self.done(None, Some(refusal)),
        }
    }

    /// What is to be done.
    pub fn next(&self) -> Step<'_> {
        match &self.state {
            State::Sending(request) => Step::Send(request),
            State::Done(verdict) => Step::Done(verdict),
        }
    }

    /// The verdict, when it is there.
    pub fn into_verdict(self) -> Option<Verdict> {
        match self.state {
            State::Sending(_) => None,
            State::Done(verdict) => Some(*verdict),
        }
    }

    /// The files, as they are and as they are sent.
    pub fn papers(&self) -> &[Paper] {
        &self.papers.list
    }

    /// The files that a request holds.
    pub fn sent(&self) -> impl Iterator<Item = &Paper> {
        self.sent.iter().map(|index| &self.papers.list[*index])
    }

    /// The way back. It holds every secret: it must not leave the machine.
    pub fn map(&self) -> &redact::Map {
        &self.papers.map
    }

    /// How many findings are asked about, and how many are left out because they are too many.
    pub fn asked(&self) -> (usize, usize) {
        (self.targets.len(), self.more)
    }

    /// Takes what came back. Without a request under way it is ignored.
    pub fn answer(&mut self, said: Result<String, Trouble>) {
        if matches!(self.state, State::Done(_)) {
            return;
        }
        let answer = match said {
            Ok(answer) => answer,
            Err(trouble) => return self.done(Some(trouble), None),
        };
        self.rounds += 1;
        let judged = self.judge(&answer);
        let is_lacking = judged.is_lacking();
        let reasons = judged.reasons();
        self.keep(judged);
        if self.rounds > 1 || !is_lacking {
            return self.done(None, None);
        }
        self.again(&answer, reasons);
        self.send();
    }

    /// Says why an answer was refused. What the model made up and what looks like a secret is not
    /// repeated: the last look would refuse all of it.
    fn again(&mut self, answer: &str, reasons: Vec<(String, String)>) {
        let is_clean = |text: &str| look_at(text, &self.papers.map, &self.ask.redact).is_ok();
        let answer = match head(answer) {
            answer if is_clean(&answer) => answer,
            _ => "(edits that cannot be repeated here)".to_owned(),
        };
        let reasons: Vec<String> = reasons
            .into_iter()
            .map(|(whole, bare)| if is_clean(&whole) { whole } else { bare })
            .collect();
        let again = prompt::again(&reasons);
        let turn = |role, text| Turn { role, text };
        self.turns.push(turn(Role::Model, answer));
        self.turns.push(turn(Role::User, again));
    }

    /// The end without an answer to the request under way: what was right so far counts.
    pub fn stop(&mut self) {
        if matches!(self.state, State::Sending(_)) {
            self.done(None, None);
        }
    }

    fn judge(&self, answer: &str) -> Judged {
        let judge = Judge {
            world: self.world,
            ask: &self.ask,
            papers: &self.papers,
            sent: &self.sent,
            targets: &self.targets,
            indices: &self.indices,
            before: &self.before,
        };
        judge.judge(answer)
    }

    /// Of two answers that ends more counts.
    fn keep(&mut self, judged: Judged) {
        self.reasons.extend(judged.unread.clone());
        if self.rounds == 1 || judged.gone.len() > self.best.gone.len() {
            self.best = judged;
        }
    }

    /// The end: what the model did right, and badgateway's own edits for the rest.
    fn done(&mut self, trouble: Option<Trouble>, refusal: Option<Refusal>) {
        let best = std::mem::take(&mut self.best);
        let load = |store: &Store| {
            let mut all = best.store.clone();
            all.0.extend(store.0.clone());
            (self.world.load)(&all)
        };
        let (fixed, _) = fix::run(&load, self.world.resolve, &self.ask.wants);
        let ended = best.gone.iter().map(|index| {
            let finding = &self.targets[*index].finding;
            Ended {
                rule: finding.rule,
                message: finding.message.clone(),
            }
        });
        let files = files(&self.papers.list, &best.store, &fixed);
        self.state = State::Done(Box::new(Verdict {
            rounds: self.rounds,
            asked: self.targets.len(),
            ended: ended.collect(),
            accepted: best.accepted,
            refused: best.refused,
            reasons: std::mem::take(&mut self.reasons),
            trouble,
            refusal,
            files,
            fixed,
        }));
    }
}

fn refusal(words: &str) -> Refusal {
    Refusal {
        words: words.to_owned(),
        help: None,
    }
}

/// The beginning of an answer.
fn head(answer: &str) -> String {
    let mut end = answer.len().min(MOST_BACK);
    while !answer.is_char_boundary(end) {
        end -= 1;
    }
    answer[..end].to_owned()
}
