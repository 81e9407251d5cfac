//! Asking one statement of everything that it is about.

use base::{Origin, Span};
use model::PoolId;
use model::nginx::Protocol;

use super::quantity::Subject;
use super::{Amount, Bound, Demand, Of, Relation, Statement, Value};
use crate::context::{Context, pass_span};

/// What a statement comes to in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The route's label, or the pool's name.
    pub subject: String,
    /// Whether that is a route.
    pub is_route: bool,
    /// A place that stands for it.
    pub place: Option<Span>,
    /// What it comes to.
    pub verdict: Verdict,
}

/// Whether a statement holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Holds,
    /// It does not, with these values.
    Broken(Vec<Value>),
    /// Nobody knows, and why.
    Unknown(String),
}

/// A statement asked of every route and pool that it is about. There is always an answer: asked
/// of nothing, it is not known whether it holds.
pub fn answers(cx: &Context<'_>, statement: &Statement) -> Vec<Answer> {
    let has = |of: Of| statement.needs().any(|one| one.of == of);
    let answers = match (has(Of::Route), has(Of::Pool), has(Of::Php)) {
        (true, false, false) => routes(cx, statement),
        (false, true, false) => pools(cx, statement, &|_| true),
        (is_of_route, ..) => {
            let mut all = chains(cx, statement);
            if !is_of_route {
                let chains = cx.chains();
                let is_alone = |id: PoolId| chains.iter().all(|chain| chain.pool_id != id);
                all.extend(pools(cx, statement, &is_alone));
            }
            all
        }
    };
    if !answers.is_empty() {
        return answers;
    }
    let what = if has(Of::Route) { "route" } else { "pool" };
    vec![Answer {
        subject: String::new(),
        is_route: has(Of::Route),
        place: None,
        verdict: Verdict::Unknown(format!("no {what} was found that it is about")),
    }]
}

fn routes(cx: &Context<'_>, statement: &Statement) -> Vec<Answer> {
    let routes = cx.model.routes();
    let routes = routes.filter(|(_, route)| route.protocol == Protocol::Fastcgi);
    let answers = routes.map(|(nginx, route)| {
        let place = nginx.config.span(route.pass);
        let subject = Subject {
            route: Some((nginx, route)),
            pool: None,
            extras: &[],
        };
        Answer {
            subject: route.label.clone(),
            is_route: true,
            place: Some(place),
            verdict: verdict(&subject, statement),
        }
    });
    answers.collect()
}

fn chains(cx: &Context<'_>, statement: &Statement) -> Vec<Answer> {
    let mut out: Vec<Answer> = Vec::new();
    for chain in cx.chains() {
        out.push(Answer {
            subject: chain.route.label.clone(),
            is_route: true,
            place: Some(pass_span(chain)),
            verdict: verdict(&Subject::of_chain(chain), statement),
        });
    }
    // A route whose pool is not known is asked in vain.
    for (nginx, route) in cx.model.routes() {
        if route.protocol != Protocol::Fastcgi {
            continue;
        }
        if let Some(why) = model::ladder::why_unknown(cx.model, route) {
            out.push(Answer {
                subject: route.label.clone(),
                is_route: true,
                place: Some(nginx.config.span(route.pass)),
                verdict: Verdict::Unknown(format!("which pool answers is unknown: {why}")),
            });
        }
    }
    out
}

fn pools(cx: &Context<'_>, statement: &Statement, wanted: &dyn Fn(PoolId) -> bool) -> Vec<Answer> {
    let pools = cx.model.pools().filter(|(id, _)| wanted(*id));
    let answers = pools.map(|(id, pool)| {
        let subject = Subject {
            route: None,
            pool: Some((&cx.model.fpm[id.fpm], pool)),
            extras: &[],
        };
        Answer {
            subject: pool.shown_name(),
            is_route: false,
            place: pool.place(),
            verdict: verdict(&subject, statement),
        }
    });
    answers.collect()
}

fn verdict(subject: &Subject<'_>, statement: &Statement) -> Verdict {
    let left = match subject.value(statement.quantity) {
        Ok(value) => value,
        Err(why) => return Verdict::Unknown(why),
    };
    match &statement.demand {
        Demand::Required => required(left),
        Demand::Compared(relation, bound) => compared(subject, left, *relation, bound),
    }
}

fn required(value: Value) -> Verdict {
    let is_set = !matches!(value.setting.origin, Origin::Default { .. });
    match is_set && value.amount != Amount::Unlimited {
        true => Verdict::Holds,
        false => Verdict::Broken(vec![value]),
    }
}

fn compared(subject: &Subject<'_>, left: Value, relation: Relation, bound: &Bound) -> Verdict {
    let Some(other) = bound.other else {
        return match relation.holds(left.amount, Amount::Of(bound.value)) {
            true => Verdict::Holds,
            false => Verdict::Broken(vec![left]),
        };
    };
    let right = match subject.value(other) {
        Ok(value) => value,
        Err(why) => return Verdict::Unknown(why),
    };
    match relation.holds(left.amount, right.amount.plus(bound.value)) {
        true => Verdict::Holds,
        false => Verdict::Broken(vec![left, right]),
    }
}

impl Answer {
    /// Where to look first: what somebody wrote, else what stands for the subject.
    pub(crate) fn first_place(&self, values: &[Value]) -> Option<Span> {
        values.iter().find_map(Value::place).or(self.place)
    }
}
