//! What a rule may ask: the model, and the chains that nearly every rule needs, made once.

use base::ladder::Ladder;
use base::source::some_of;
use base::{FileId, Limit, Millis, Problem, ProblemKind, Setting, SortedMap, SortedSet, Span};
use model::chain::{Chain, Known, chains};
use model::ladder::{ladders, why_unknown};
use model::{Facts, Model, NginxVersion, nginx::Protocol};

use crate::beside::Beside;
use crate::findings::{Draft, Findings};
use crate::options::Options;
use crate::policy::{self, Verdict};

/// Everything that a rule may ask.
pub struct Context<'m> {
    /// The model.
    pub model: &'m Model,
    /// What the user wants to hear.
    pub options: Options,
    /// What another judge has found.
    pub beside: Beside,
    chains: Vec<Chain<'m>>,
}

/// A limit that ends a request.
pub struct End<'c> {
    /// The directive or setting.
    pub name: &'static str,
    /// Its value and origin.
    pub setting: &'c Setting<Limit>,
    /// When it fires.
    pub after: Millis,
}

impl<'m> Context<'m> {
    /// A context over a model.
    pub fn new(model: &'m Model, strict: bool) -> Self {
        Self::with(model, Options::strict(strict))
    }

    /// A context over a model, with what a team says.
    pub fn with(model: &'m Model, options: Options) -> Self {
        Self {
            model,
            options,
            beside: Beside::default(),
            chains: chains(model),
        }
    }

    /// What is known of the machine.
    pub fn facts(&self) -> &'m Facts {
        &self.model.facts
    }

    /// The version of nginx that is meant, when it is known.
    pub fn nginx_version(&self) -> Option<NginxVersion> {
        Some(self.facts().nginx.version.as_ref()?.value)
    }

    /// Whether the nginx that is meant surely has what came with a version. Unknown is no.
    pub fn nginx_has(&self, since: NginxVersion) -> bool {
        self.nginx_version().is_some_and(|version| version >= since)
    }

    /// Whether the nginx that is meant may be older than a version. Unknown is yes.
    pub fn nginx_may_lack(&self, since: NginxVersion) -> bool {
        !self.nginx_has(since)
    }

    /// One chain for each route and pool that it reaches.
    pub fn chains(&self) -> &[Chain<'m>] {
        &self.chains
    }

    /// The ladders for drawing.
    pub fn ladders(&self) -> Vec<Ladder> {
        ladders(self.model, &self.chains)
    }

    /// Whether somebody granted requests of this chain more time than the defaults of 60 seconds
    /// in nginx and 30 in PHP: then slow requests are not a thought experiment.
    pub fn is_slow(&self, chain: &Chain<'_>) -> bool {
        let above = |limit: &Known<Limit>| {
            limit
                .as_ref()
                .ok()
                .and_then(|setting| setting.value.fires_after())
                .is_some_and(|time| time > Millis(60_000))
        };
        above(&chain.read) || above(&chain.execution)
    }

    /// The wall-clock limit that ends a request of this chain first, when both are known and one
    /// fires later than at once.
    pub fn first_end<'c>(&self, chain: &'c Chain<'_>) -> Option<End<'c>> {
        let (read, terminate) = (chain.read.as_ref().ok()?, chain.terminate.as_ref().ok()?);
        if read.value == Limit::AtOnce {
            return None;
        }
        let ends = [
            (chain.route.protocol.read_timeout(), read),
            ("request_terminate_timeout", terminate),
        ];
        let fires = ends.into_iter().filter_map(|(name, setting)| {
            let after = setting.value.fires_after()?;
            Some(End {
                name,
                setting,
                after,
            })
        });
        fires.min_by_key(|end| end.after)
    }

    /// Starts a finding about two limits of a chain. The primary place is the first that somebody
    /// wrote: a default cannot be pointed at.
    pub fn report_chain<'f, A, B>(
        &self,
        out: &'f mut Findings,
        chain: &Chain<'_>,
        first: &Setting<A>,
        second: &Setting<B>,
        message: String,
    ) -> Draft<'f> {
        let written = first.origin.span().or(second.origin.span());
        let at = written.unwrap_or_else(|| pass_span(chain));
        out.report(at, "", message).route(&chain.route.label)
    }

    /// What kept the rules from judging: routes whose pool is not known, limits whose value is
    /// not known. Each reason once.
    pub fn unknowns(&self) -> Vec<Problem> {
        let mut seen = SortedSet::new();
        let mut out = Vec::new();
        let mut add = |span: Option<Span>, message: String, help: Option<&str>| {
            if seen.insert((span, message.clone())) {
                out.push(Problem {
                    kind: ProblemKind::Unknown,
                    message,
                    span,
                    help: help.map(str::to_owned),
                });
            }
        };
        for (span, why, routes) in self.unanswered() {
            let (whose, names) = match routes.len() {
                1 => ("its chain was", routes),
                _ => ("their chains were", routes),
            };
            let message = format!(
                "which pool answers {} is unknown: {why}; {whose} not judged",
                some_of(&names)
            );
            let help =
                "give the pool's file too, or `--map ADDRESS=POOL` if you know who listens there";
            add(Some(span), message, Some(help));
        }
        for chain in &self.chains {
            let limits = [
                ("fastcgi_read_timeout", &chain.read),
                ("request_terminate_timeout", &chain.terminate),
                ("request_slowlog_timeout", &chain.slowlog),
                ("max_execution_time", &chain.execution),
            ];
            for (name, limit) in limits {
                if let Err(why) = limit {
                    let span = pass_span(chain);
                    let message = format!("{why}; `{name}` of this route was not judged");
                    add(Some(span), message, None);
                }
            }
        }
        if self.options.levels.get("policy") != Some(&None) {
            for (place, message) in self.unknown_policies() {
                add(place, message, None);
            }
        }
        out
    }

    /// Routes whose pool is not known: the place of the first, why, and all that this is true of.
    fn unanswered(&self) -> Vec<(Span, String, Vec<String>)> {
        let mut all: Vec<(Span, String, Vec<String>)> = Vec::new();
        let mut known: SortedMap<(FileId, String), usize> = SortedMap::new();
        for (nginx, route) in self.model.routes() {
            if route.protocol != Protocol::Fastcgi || self.has_nobody(route) {
                continue;
            }
            let Some(why) = why_unknown(self.model, route) else {
                continue;
            };
            let span = nginx.config.word_span(route.pass, 1);
            let at = *known.entry((span.file, why.clone())).or_insert(all.len());
            if at == all.len() {
                all.push((span, why, Vec::new()));
            }
            let label = format!("`{}`", route.label);
            if !all[at].2.contains(&label) {
                all[at].2.push(label);
            }
        }
        all
    }

    /// Statements of the team of which nobody knows whether they hold.
    fn unknown_policies(&self) -> Vec<(Option<Span>, String)> {
        let mut out = Vec::new();
        for statement in &self.options.statements {
            for answer in policy::answers(self, statement) {
                let why = match &answer.verdict {
                    Verdict::Holds => continue,
                    Verdict::Broken(values) if answer.first_place(values).is_some() => continue,
                    Verdict::Broken(_) => "it does not hold, and there is no place to show",
                    Verdict::Unknown(why) => why,
                };
                let whom = match answer.subject.as_str() {
                    "" => String::new(),
                    subject => format!(" for `{subject}`"),
                };
                let message = format!(
                    "whether the policy `{statement}` ({}) holds{whom} is unknown: {why}",
                    statement.from
                );
                out.push((answer.place, message));
            }
        }
        out
    }

    /// Whether a route ends where no pool can be reached: that is known, and a finding of its own.
    fn has_nobody(&self, route: &model::nginx::Route) -> bool {
        use model::Backend::{Loopback, Nobody};
        let mut backends = self.model.backends(route);
        backends.any(|(_, backend)| matches!(backend, Nobody | Loopback(_)))
    }
}

/// The `fastcgi_pass` of a chain.
pub(crate) fn pass_span(chain: &Chain<'_>) -> Span {
    chain.nginx.config.span(chain.route.pass)
}

/// A place for what is about the whole: the first pass of all.
pub fn first_span(cx: &Context<'_>) -> Option<Span> {
    cx.chains().first().map(pass_span)
}
