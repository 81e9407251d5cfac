//! A number is not what the team has stated.

use crate::policy::{Demand, Verdict, answers};
use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// A number breaks what the team states in `badgateway.toml`.
    ///
    /// ## Why it matters
    ///
    /// The other rules know what harms every stack. A team knows more of its own: that a script
    /// may take two minutes at most, that nginx has to wait ten seconds longer than PHP-FPM, that
    /// uploads above 64M are not meant. `[policy]` states it once, and every route and pool is
    /// held against it, with what is in force there: includes, defaults and overrides counted. A
    /// value that is not known is a problem of its own and no pass. No limit is more than every
    /// limit.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_read_timeout 130s;
    /// ```
    ///
    /// ```policy
    /// [policy]
    /// read-timeout = "<= 120s"
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_read_timeout 120s;
    /// ```
    ///
    /// ```policy
    /// [policy]
    /// read-timeout = "<= 120s"
    /// ```
    ///
    /// ## References
    ///
    /// - `badgateway config schema` lists the names, and docs/ci.md how a statement is written
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_read_timeout>
    POLICY {
        id: "policy",
        group: "team",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for statement in &cx.options.statements {
        for answer in answers(cx, statement) {
            let Verdict::Broken(values) = &answer.verdict else {
                continue;
            };
            // Without any place it is a problem: see `Context::unknowns`.
            let Some(at) = answer.first_place(values) else {
                continue;
            };
            let shown = values.iter().map(|value| {
                let is_default = value.setting.origin.span().is_none();
                let nobody = if is_default {
                    ", which nobody has set"
                } else {
                    ""
                };
                format!("`{}` is {}{nobody}", value.name, value.setting.value)
            });
            let shown: Vec<_> = shown.collect();
            let whose = match answer.is_route {
                true => String::new(),
                false => format!(" in pool `{}`", answer.subject),
            };
            let message = format!(
                "the policy is `{statement}`, but {}{whose}",
                shown.join(" and ")
            );
            let mut draft = out.report(at, "against the policy", message);
            if answer.is_route {
                draft = draft.route(&answer.subject);
            }
            draft = draft.because(format!("{} states it", statement.from), None);
            for value in values {
                draft = draft.because_of(&value.name, &value.setting);
            }
            let help = match statement.demand {
                Demand::Required => "set it where it is meant to hold",
                Demand::Compared(..) => "change the number, or the policy if it is outlived",
            };
            draft.help(help);
        }
    }
}
