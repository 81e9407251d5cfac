//! More workers than the memory holds.

use base::{Bytes, Setting, Severity};
use model::php::value::php_bytes;
use model::php::{Fpm, InputKind, Pool};
use model::{Fact, FpmFacts};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// All workers together may take more memory than there is.
    ///
    /// ## Why it matters
    ///
    /// When memory runs out, the kernel kills the biggest process with SIGKILL: mostly a worker in the middle of a
    /// request, which gets a 502, and under load one after the other. FPM starts a new worker at once, so the pool
    /// looks healthy and the 502s go on. `memory_limit` bounds each worker; `pm.max_children` multiplies it.
    ///
    /// ## Bad
    ///
    /// ```fpm
    /// pm.max_children = 100
    /// ```
    ///
    /// ```facts
    /// memory = "2G"
    /// [[fpm]]
    /// worker_memory = "60M"
    /// ```
    ///
    /// ## Good
    ///
    /// ```fpm
    /// pm.max_children = 20
    /// ```
    ///
    /// ```facts
    /// memory = "2G"
    /// [[fpm]]
    /// worker_memory = "60M"
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#pm.max-children>
    /// - <https://www.php.net/manual/en/ini.core.php#ini.memory-limit>
    POOL_BIGGER_THAN_MEMORY {
        id: "pool-bigger-than-memory",
        group: "capacity",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        if fpm.kind == InputKind::Fragments {
            continue;
        }
        let facts = cx.facts().fpm(fpm.version);
        let Some(memory) = cx.facts().memory_for(facts) else {
            out.needs("the machine's memory");
            continue;
        };
        let wishes: Option<Vec<Wish<'_>>> = fpm.pools.iter().map(|p| wish(fpm, p, facts)).collect();
        // One pool that is unknown makes the sum unknown.
        let Some(wishes) = wishes else { continue };
        let sum = Bytes(
            wishes
                .iter()
                .map(|wish| wish.all.0)
                .fold(0, u64::saturating_add),
        );
        let Some(biggest) = wishes.iter().max_by_key(|wish| wish.all) else {
            continue;
        };
        if sum > memory.value {
            report(biggest, sum, &memory, &wishes, out);
        }
    }
}

/// What a pool may take.
struct Wish<'p> {
    pool: &'p Pool,
    children: Setting<i32>,
    each: Bytes,
    /// Measured, not only allowed.
    measured: Option<String>,
    all: Bytes,
}

fn wish<'p>(fpm: &Fpm, pool: &'p Pool, facts: Option<&FpmFacts>) -> Option<Wish<'p>> {
    let children = pool.settings.number("pm.max_children", 0).ok()?;
    let count = u64::try_from(children.value).ok()?;
    let (each, measured) = match facts.and_then(|facts| facts.worker_memory.as_ref()) {
        Some(fact) => (fact.value, Some(fact.from.clone())),
        None => {
            let limit = fpm.php(pool, &[], "memory_limit").ok()?;
            (Bytes(u64::try_from(php_bytes(&limit.value)).ok()?), None)
        }
    };
    Some(Wish {
        pool,
        children,
        each,
        measured,
        all: each.times(count),
    })
}

fn report(
    biggest: &Wish<'_>,
    sum: Bytes,
    memory: &Fact<Bytes>,
    wishes: &[Wish<'_>],
    out: &mut Findings,
) {
    let Some(at) = biggest.children.origin.span().or(biggest.pool.place()) else {
        return;
    };
    // Few workers ever reach their limit; what was measured is what they take.
    let severity = match (&biggest.measured, sum.0 / 4 > memory.value.0) {
        (Some(_), _) => Severity::Error,
        (None, true) => Severity::Warning,
        (None, false) => Severity::Info,
    };
    let verb = if biggest.measured.is_some() {
        "take"
    } else {
        "may take up to"
    };
    let message = format!(
        "all workers together {verb} {sum}, and there is {}: the kernel kills workers, and their \
         requests get 502",
        memory.value
    );
    let name = biggest.pool.shown_name();
    let mut draft = out
        .report(
            at,
            format!("{} of {} each", biggest.children.value, biggest.each),
            message,
        )
        .severity(severity);
    for wish in wishes {
        let source = match &wish.measured {
            Some(from) => format!("measured ({from})"),
            None => "its `memory_limit`".to_owned(),
        };
        let text = format!(
            "pool `{}`: {} workers of {}, {source}, are {}",
            wish.pool.shown_name(),
            wish.children.value,
            wish.each,
            wish.all
        );
        draft = draft.because(text, wish.children.origin.span());
    }
    let rest = memory.value.0.saturating_sub(sum.0 - biggest.all.0);
    let fits = rest / biggest.each.0.max(1);
    draft
        .because(format!("{} is there ({})", memory.value, memory.from), None)
        .help(format!(
            "let pool `{name}` have at most {fits} workers, fewer when other programs need memory too"
        ));
}
