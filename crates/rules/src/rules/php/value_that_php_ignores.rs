//! PHP reads another value than the one written.

use base::Bytes;
use base::source::printable;
use model::php::defaults::{PHP_SETTINGS, Unit};
use model::php::value::quantity;
use model::php::{Assignment, PhpVersion};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// PHP reads another value than the one that is written.
    ///
    /// ## Why it matters
    ///
    /// PHP takes the leading number and one letter of `K`, `M`, `G` at the end, and ignores the rest: `128MB` is 128 bytes
    /// before the engine rounds it up, so a script dies of its memory limit at once; `1.5G` is 1 GiB. `php-fpm -t` accepts it all.
    ///
    /// ## Bad
    ///
    /// ```php-ini
    /// post_max_size = 64MB
    /// ```
    ///
    /// ## Good
    ///
    /// ```php-ini
    /// post_max_size = 64M
    /// ```
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/faq.using.php#faq.using.shorthandbytes>
    VALUE_THAT_PHP_IGNORES {
        id: "value-that-php-ignores",
        group: "php",
        severity: Warning,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for fpm in &cx.model.fpm {
        let in_pools = fpm.pools.iter().flat_map(|pool| &pool.php);
        let in_pools = in_pools.map(|set| (&set.name, &set.assignment));
        let in_ini = fpm.php_ini.sets.iter().map(|(name, a)| (name, a));
        for (name, assignment) in in_ini.chain(in_pools) {
            let is_size = PHP_SETTINGS
                .iter()
                .any(|row| row.name.as_bytes() == name && row.unit == Unit::Bytes);
            if is_size {
                judge(name, assignment, fpm.version, out);
            }
        }
    }
}

fn judge(name: &[u8], assignment: &Assignment, version: Option<PhpVersion>, out: &mut Findings) {
    let Ok(text) = assignment.known() else { return };
    // `On` and `Off` are 1 and nothing; both are meant.
    let is_word =
        text.is_empty() || text.iter().all(u8::is_ascii_alphabetic) && name == b"output_buffering";
    if is_word || !is_odd(text) {
        return;
    }
    let value = quantity(text, version).value;
    let read = match u64::try_from(value) {
        Ok(bytes) if bytes < 1024 => format!("{bytes} bytes"),
        Ok(bytes) => Bytes(bytes).to_string(),
        Err(_) => "no limit".to_owned(),
    };
    let (name, written) = (printable(name), printable(text));
    let message = format!("PHP reads `{name} = {written}` as {read}");
    out.report(assignment.span, format!("read as {read}"), message)
        .help("write a whole number with `K`, `M` or `G`, and nothing behind it");
}

/// More than a number and one letter.
fn is_odd(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let number = match text.split_last() {
        Some((b'k' | b'K' | b'm' | b'M' | b'g' | b'G', number)) => number,
        _ => text,
    };
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    digits.is_empty() || !digits.iter().all(u8::is_ascii_digit)
}
