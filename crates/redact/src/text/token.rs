//! Tokens that providers give a form of their own, from their public documentation: a beginning,
//! the bytes that may follow, and how many.

use crate::find::Hit;
use crate::tables::tokens::{Bytes, FORMS, Form};
use crate::value::{self, entropy};
use crate::why;

/// Looks at the word from `start` to `end`; gives back where a token ends.
pub(super) fn at(text: &[u8], start: usize, end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let word = &text[start..end];
    let is_bot = word.len() >= 8 && (word[0].is_ascii_digit() || word.starts_with(b"bot"));
    // Of so many random bytes one is a digit.
    let is_random = word.len() >= 30 || word.iter().any(u8::is_ascii_digit);
    // These go on behind a sign that no name has.
    let is_part = word == b"access_token" || text[start..].starts_with(b"1//0");
    if !is_part && (!is_random || word.len() < 14 && !is_bot) {
        return None;
    }
    if let Some(len) = jwt(&text[start..]) {
        out.push(Hit::secret(start..start + len, &why::JWT));
        return Some(start + len);
    }
    let rest = &text[start..];
    let known = provider(rest)
        .or_else(|| twilio(word))
        .or_else(|| telegram(rest));
    let len = known
        .or_else(|| dotted(word))
        .or_else(|| mailchimp(word))
        .or_else(|| airtable(word))
        .or_else(|| dashed(word))
        .or_else(|| dollars(rest))?;
    out.push(Hit::secret(start..start + len, &why::PROVIDER));
    if word.starts_with(b"AKIA") || word.starts_with(b"ASIA") {
        partner(text, start + len, out);
    }
    Some(start + len)
}

fn provider(rest: &[u8]) -> Option<usize> {
    let first = *rest.first()?;
    let mut forms = FORMS.iter().filter(|form| form.0[0] == first);
    forms.find_map(|Form(begin, bytes, least)| {
        let behind = rest.strip_prefix(*begin)?;
        let len = behind.iter().take_while(|b| bytes.has(**b)).count();
        // A sentence may end behind a token.
        let token = behind[..len].strip_suffix(b".").unwrap_or(&behind[..len]);
        let is_random = token.iter().any(u8::is_ascii_digit) || token.len() >= 24;
        // `ghp_xxxxxxxx` stands where one belongs.
        let is_any = entropy(token) > 2.0;
        (token.len() >= *least && is_random && is_any).then_some(begin.len() + token.len())
    })
}

/// `eyJ….eyJ….…`: two parts of base64 JSON and a signature, which may be empty.
fn jwt(rest: &[u8]) -> Option<usize> {
    if !rest.starts_with(b"eyJ") {
        return None;
    }
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"-_=".contains(b);
    let header = rest.iter().take_while(is_part).count();
    let payload = rest.get(header..)?.strip_prefix(b".")?;
    let payload_len = payload.iter().take_while(is_part).count();
    if header < 10 || payload_len < 8 || !payload.starts_with(b"e") {
        return None;
    }
    let mut len = header + 1 + payload_len;
    if let Some(signature) = rest[len..].strip_prefix(b".") {
        len += 1 + signature.iter().take_while(is_part).count();
    }
    Some(len)
}

/// `SK` and 32 hexadecimal digits.
fn twilio(word: &[u8]) -> Option<usize> {
    let behind = word.strip_prefix(b"SK")?;
    (behind.len() == 32 && behind.iter().all(|b| Bytes::Hex.has(*b))).then_some(word.len())
}

/// The secret key that people write behind the id of an access key.
fn partner(text: &[u8], from: usize, out: &mut Vec<Hit>) {
    let near = &text[from..(from + 80).min(text.len())];
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"+/".contains(b);
    let mut at = 0;
    while at < near.len() && near[at] != b'\n' {
        let len = near[at..].iter().take_while(|b| is_part(b)).count();
        if len == 40 && value::looks_random(&near[at..at + len]) {
            out.push(Hit::secret(from + at..from + at + len, &why::PROVIDER));
            return;
        }
        at += len.max(1);
    }
}

/// A bot's number, a colon, and 35 bytes; in addresses behind `bot`.
fn telegram(rest: &[u8]) -> Option<usize> {
    let skipped = if rest.starts_with(b"bot") { 3 } else { 0 };
    let digits = rest[skipped..]
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let behind = rest.get(skipped + digits..)?.strip_prefix(b":")?;
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"-_".contains(b);
    let len = behind.iter().take_while(is_part).count();
    let is_token = (8..=10).contains(&digits) && (34..=36).contains(&len);
    (is_token && entropy(&behind[..len]) > 3.5).then_some(skipped + digits + 1 + len)
}

/// Discord: three parts with dots. Terraform Cloud: `.atlasv1.` in the middle.
fn dotted(word: &[u8]) -> Option<usize> {
    if word.len() < 50 || !word.contains(&b'.') {
        return None;
    }
    let parts: Vec<usize> = word.split(|b| *b == b'.').map(<[u8]>::len).collect();
    let is_discord =
        matches!(parts.as_slice(), [23..=28, 6, last] if *last >= 27) && b"MNO".contains(&word[0]);
    let is_terraform = crate::place::contains(word, b".atlasv1.");
    (is_discord || is_terraform).then_some(word.len())
}

/// `pat`, 14 bytes, a dot, 64 hexadecimal digits.
fn airtable(word: &[u8]) -> Option<usize> {
    let (id, sum) = (word.strip_prefix(b"pat")?, word.get(18..)?);
    let is_token = id.get(14) == Some(&b'.') && sum.len() == 64 && is_hex(sum);
    is_token.then_some(word.len())
}

/// Groups of hexadecimal digits: Mailgun's 32-8-8, LaunchDarkly's `sdk-` and `mob-` with a UUID.
fn dashed(word: &[u8]) -> Option<usize> {
    let begins = word.starts_with(b"sdk-") || word.starts_with(b"mob-");
    if !begins && word.get(32) != Some(&b'-') {
        return None;
    }
    let groups: Vec<&[u8]> = word.split(|b| *b == b'-').collect();
    let sizes: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_mailgun = sizes == [32, 8, 8] && groups.iter().all(|group| is_hex(group));
    let is_launchdarkly = begins && sizes[1..] == [8, 4, 4, 4, 12];
    (is_mailgun || is_launchdarkly).then_some(word.len())
}

/// Braintree: `access_token$production$…$…`.
fn dollars(rest: &[u8]) -> Option<usize> {
    let behind = rest.strip_prefix(b"access_token$")?;
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'$';
    let len = behind.iter().take_while(is_part).count();
    (len > 40).then_some(rest.len() - behind.len() + len)
}

fn is_hex(text: &[u8]) -> bool {
    text.iter().all(|b| Bytes::Hex.has(*b))
}

/// 32 hexadecimal digits and a data centre: `…-us21`.
fn mailchimp(word: &[u8]) -> Option<usize> {
    let place = word.get(32..)?.strip_prefix(b"-us")?;
    let is_place = !place.is_empty() && place.len() <= 2 && place.iter().all(u8::is_ascii_digit);
    (is_place && word[..32].iter().all(|b| Bytes::Hex.has(*b))).then_some(word.len())
}
