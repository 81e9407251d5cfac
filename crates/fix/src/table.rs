//! Which fixer belongs to which rule, and in which round its edits go.

use base::{Applicability, Finding, Fix, FixLevel};
use rules::Context;

use crate::change::{Asked, Change, Proposal, Wants};
use crate::{pools, routes, sockets};

type Fixer = fn(&Asked<'_>) -> Option<Proposal>;

/// The limits inside come first: what nginx must wait for depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// What keeps a server from starting, and where sockets are.
    Ground,
    /// PHP and FPM.
    Inner,
    /// nginx.
    Outer,
    /// What depends on the finished ladder.
    Around,
}

use Stage::{Around, Ground, Inner, Outer};

const FIXERS: &[(&str, Stage, Fixer)] = &[
    ("allowed-clients-mismatch", Ground, sockets::allow_nginx),
    ("chain-without-margin", Inner, pools::part),
    ("connect-timeout-too-long", Around, routes::shorten_connect),
    (
        "default-socket-timeout-above-chain",
        Around,
        pools::lower_socket_timeout,
    ),
    (
        "loopback-listen-other-container",
        Ground,
        sockets::listen_everywhere,
    ),
    ("max-execution-above-read", Outer, routes::raise_read),
    ("max-execution-time-off", Inner, pools::add_execution),
    (
        "max-input-time-above-chain",
        Around,
        pools::lower_input_time,
    ),
    ("outer-timeout-shorter", Around, routes::raise_outer),
    ("protocol-mixup", Ground, sockets::speak_fastcgi),
    ("read-timeout-below-terminate", Outer, routes::raise_read),
    ("read-timeout-zero", Outer, routes::read_zero),
    ("reload-kills-requests", Around, pools::wait_at_reload),
    ("retry-multiplies-wait", Around, routes::bound_retries),
    (
        "script-filename-missing",
        Ground,
        routes::add_script_filename,
    ),
    ("send-timeout-below-read", Around, routes::raise_send),
    ("slowlog-above-terminate", Ground, pools::lower_slowlog),
    ("slowlog-off", Inner, pools::add_slowlog),
    ("slowlog-without-file", Ground, pools::add_slowlog),
    ("socket-permission", Ground, sockets::open_socket),
    ("socket-without-pool", Ground, sockets::ask_the_pool),
    ("tcp-exposed", Ground, sockets::listen_on_loopback),
    (
        "terminate-below-max-execution",
        Inner,
        pools::lower_execution,
    ),
    ("terminate-gap-too-small", Outer, routes::raise_read),
    ("terminate-timeout-negative", Ground, pools::zero_negative),
    ("terminate-timeout-off", Inner, pools::add_terminate),
];

/// A change for each finding that has one and was asked for, with its stage.
pub(crate) fn staged(
    cx: &Context<'_>,
    findings: &[Finding],
    wants: &Wants,
) -> Vec<(Stage, Change)> {
    let mut out = Vec::new();
    if let Some(change) = request_time(cx, wants) {
        out.push((Inner, change));
    }
    for finding in findings {
        let Some((_, stage, fixer)) = FIXERS.iter().find(|(rule, ..)| *rule == finding.rule) else {
            continue;
        };
        let applicability = match rules::by_id(finding.rule).map(|rule| rule.fix) {
            Some(FixLevel::Safe) => Applicability::Safe,
            Some(FixLevel::Unsafe) => Applicability::Unsafe,
            _ => continue,
        };
        let is_wanted = wants.rules.is_empty() || wants.rules.iter().any(|r| r == finding.rule);
        let by_route = wants.route.as_ref().is_none_or(|text| {
            let names = || {
                finding
                    .routes
                    .iter()
                    .any(|route| route.contains(text.as_str()))
            };
            finding.routes.is_empty() || names()
        });
        let is_allowed = applicability == Applicability::Safe || wants.unsafe_too;
        if !is_wanted || !by_route || !is_allowed {
            continue;
        }
        let asked = Asked { cx, finding, wants };
        if let Some(proposal) = fixer(&asked) {
            out.push((*stage, change(finding, applicability, proposal)));
        }
    }
    out
}

fn change(finding: &Finding, applicability: Applicability, proposal: Proposal) -> Change {
    Change {
        rule: finding.rule,
        title: proposal.title,
        why: proposal.why,
        severity: finding.severity,
        applicability,
        routes: finding.routes.clone(),
        edits: proposal.edits,
    }
}

/// The ladders of all chains that were asked for, built around one time.
fn request_time(cx: &Context<'_>, wants: &Wants) -> Option<Change> {
    let time = wants.request_time?;
    let routes: Vec<String> = cx.chains().iter().map(|c| c.route.label.clone()).collect();
    let finding = Finding {
        rule: "request-time",
        severity: base::Severity::Error,
        message: String::new(),
        primary: base::Place {
            span: rules::context::first_span(cx)?,
            label: String::new(),
        },
        related: Vec::new(),
        because: Vec::new(),
        help: None,
        routes,
        fix: None,
    };
    let asked = Asked {
        cx,
        finding: &finding,
        wants,
    };
    let proposal = pools::for_request_time(&asked, time)?;
    Some(change(&finding, Applicability::Safe, proposal))
}

/// The changes for what was found, in the order in which they would be made.
pub fn propose(cx: &Context<'_>, findings: &[Finding], wants: &Wants) -> Vec<Change> {
    let mut staged = staged(cx, findings, wants);
    staged.sort_by_key(|(stage, _)| *stage);
    staged.into_iter().map(|(_, change)| change).collect()
}

/// Gives each finding the edits that would end it, for programs that show or apply them.
pub fn attach(cx: &Context<'_>, findings: &mut [Finding]) {
    let wants = Wants {
        unsafe_too: true,
        ..Wants::default()
    };
    for finding in findings.iter_mut() {
        let one = std::slice::from_ref(finding);
        let mut changes = staged(cx, one, &wants);
        if let Some((_, change)) = changes.pop() {
            finding.fix = Some(Fix {
                title: change.title,
                applicability: change.applicability,
                edits: change.edits,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use base::FixLevel;

    #[test]
    fn every_promised_fix_is_there() {
        let here: BTreeSet<_> = super::FIXERS.iter().map(|(rule, ..)| *rule).collect();
        let promised = rules::all()
            .iter()
            .filter(|rule| rule.fix >= FixLevel::Unsafe);
        let promised: BTreeSet<_> = promised.map(|rule| rule.id).collect();
        assert_eq!(here, promised);
    }
}
