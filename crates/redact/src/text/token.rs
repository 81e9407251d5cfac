//! Tokens that providers give a form of their own, from their public documentation: a beginning,
//! the bytes that may follow, and how many.

use crate::find::Hit;
use crate::value::{self, entropy};
use crate::why;

#[derive(Clone, Copy)]
enum Bytes {
    /// Letters and digits.
    Alnum,
    /// Capital letters and digits.
    Upper,
    /// Small hexadecimal digits.
    Hex,
    /// Base64 of addresses, and dots.
    Base64,
}

impl Bytes {
    fn has(self, byte: u8) -> bool {
        match self {
            Bytes::Alnum => byte.is_ascii_alphanumeric(),
            Bytes::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Bytes::Hex => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
            Bytes::Base64 => byte.is_ascii_alphanumeric() || b"-_=.+/".contains(&byte),
        }
    }
}

/// A form: what it begins with, what follows, and the least number of bytes that follow.
struct Form(&'static [u8], Bytes, usize);

const FORMS: &[Form] = &[
    Form(b"CLOJARS_", Bytes::Alnum, 50),
    Form(b"EAA", Bytes::Alnum, 80),
    Form(b"EZAK", Bytes::Alnum, 50),
    Form(b"EZTK", Bytes::Alnum, 50),
    Form(b"FlyV1 ", Bytes::Base64, 40),
    Form(b"HRKU-", Bytes::Base64, 36),
    Form(b"PMAK-", Bytes::Base64, 40),
    Form(b"cio", Bytes::Alnum, 32),
    Form(b"duffel_", Bytes::Base64, 40),
    Form(b"fo1_", Bytes::Base64, 30),
    Form(b"gsk_", Bytes::Alnum, 40),
    Form(b"lsv2_", Bytes::Base64, 30),
    Form(b"nvapi-", Bytes::Base64, 40),
    Form(b"pplx-", Bytes::Alnum, 40),
    Form(b"r8_", Bytes::Alnum, 30),
    Form(b"sbp_", Bytes::Hex, 36),
    Form(b"tvly-", Bytes::Base64, 20),
    Form(b"xai-", Bytes::Alnum, 40),
    Form(b"AGE-SECRET-KEY-1", Bytes::Upper, 40),
    Form(b"AIza", Bytes::Base64, 30),
    Form(b"AKIA", Bytes::Upper, 16),
    Form(b"ASIA", Bytes::Upper, 16),
    Form(b"ATATT3", Bytes::Base64, 60),
    Form(b"ATBB", Bytes::Alnum, 20),
    Form(b"EAACEdEose0cBA", Bytes::Alnum, 10),
    Form(b"FLWSECK", Bytes::Base64, 12),
    Form(b"GOCSPX-", Bytes::Base64, 20),
    Form(b"NRAK-", Bytes::Upper, 20),
    Form(b"NRAA-", Bytes::Hex, 20),
    Form(b"NRII-", Bytes::Base64, 20),
    Form(b"NRJS-", Bytes::Hex, 15),
    Form(b"SG.", Bytes::Base64, 40),
    Form(b"akia", Bytes::Alnum, 40),
    Form(b"atlasv1.", Bytes::Base64, 40),
    Form(b"dapi", Bytes::Hex, 32),
    Form(b"dckr_pat_", Bytes::Base64, 20),
    Form(b"dop_v1_", Bytes::Hex, 40),
    Form(b"doo_v1_", Bytes::Hex, 40),
    Form(b"dor_v1_", Bytes::Hex, 40),
    Form(b"dp.pt.", Bytes::Alnum, 30),
    Form(b"dp.st.", Bytes::Base64, 30),
    Form(b"dt0c01.", Bytes::Base64, 40),
    Form(b"figd_", Bytes::Base64, 30),
    Form(b"ghp_", Bytes::Alnum, 30),
    Form(b"gho_", Bytes::Alnum, 30),
    Form(b"ghu_", Bytes::Alnum, 30),
    Form(b"ghs_", Bytes::Alnum, 30),
    Form(b"ghr_", Bytes::Alnum, 30),
    Form(b"github_pat_", Bytes::Base64, 40),
    Form(b"glpat-", Bytes::Base64, 18),
    Form(b"gldt-", Bytes::Base64, 18),
    Form(b"glrt-", Bytes::Base64, 18),
    Form(b"glcbt-", Bytes::Base64, 18),
    Form(b"glptt-", Bytes::Hex, 30),
    Form(b"glft-", Bytes::Base64, 18),
    Form(b"glsa_", Bytes::Base64, 30),
    Form(b"glc_", Bytes::Base64, 30),
    Form(b"hf_", Bytes::Alnum, 30),
    Form(b"hvb.", Bytes::Base64, 60),
    Form(b"hvs.", Bytes::Base64, 20),
    Form(b"key-", Bytes::Hex, 32),
    Form(b"lin_api_", Bytes::Alnum, 30),
    Form(b"live_", Bytes::Alnum, 30),
    Form(b"nfp_", Bytes::Alnum, 30),
    Form(b"npm_", Bytes::Alnum, 30),
    Form(b"ops_", Bytes::Base64, 60),
    Form(b"pat-na1-", Bytes::Base64, 30),
    Form(b"phc_", Bytes::Alnum, 30),
    Form(b"phx_", Bytes::Alnum, 30),
    Form(b"pk.eyJ", Bytes::Base64, 40),
    Form(b"pscale_pw_", Bytes::Base64, 30),
    Form(b"pscale_tkn_", Bytes::Base64, 30),
    Form(b"pul-", Bytes::Hex, 36),
    Form(b"pypi-", Bytes::Base64, 50),
    Form(b"rk_live_", Bytes::Alnum, 16),
    Form(b"rk_test_", Bytes::Alnum, 16),
    Form(b"rubygems_", Bytes::Hex, 40),
    Form(b"secret_", Bytes::Alnum, 40),
    Form(b"shpat_", Bytes::Alnum, 30),
    Form(b"shpca_", Bytes::Alnum, 30),
    Form(b"shppa_", Bytes::Alnum, 30),
    Form(b"shpss_", Bytes::Alnum, 30),
    Form(b"sk-ant-", Bytes::Base64, 20),
    Form(b"sk-proj-", Bytes::Base64, 20),
    Form(b"sk-svcacct-", Bytes::Base64, 20),
    Form(b"sk-or-v1-", Bytes::Hex, 40),
    Form(b"sk-", Bytes::Alnum, 32),
    Form(b"sk.eyJ", Bytes::Base64, 40),
    Form(b"sk_live_", Bytes::Alnum, 16),
    Form(b"sk_test_", Bytes::Alnum, 16),
    Form(b"sl.", Bytes::Base64, 100),
    Form(b"sntrys_", Bytes::Base64, 40),
    Form(b"sntryu_", Bytes::Hex, 40),
    Form(b"sq0atp-", Bytes::Base64, 20),
    Form(b"sq0csp-", Bytes::Base64, 30),
    Form(b"tfp_", Bytes::Base64, 40),
    Form(b"tskey-", Bytes::Base64, 20),
    Form(b"whsec_", Bytes::Base64, 20),
    Form(b"xapp-", Bytes::Base64, 20),
    Form(b"xkeysib-", Bytes::Base64, 40),
    Form(b"xoxa-", Bytes::Base64, 12),
    Form(b"xoxb-", Bytes::Base64, 12),
    Form(b"xoxe-", Bytes::Base64, 12),
    Form(b"xoxe.", Bytes::Base64, 20),
    Form(b"xoxp-", Bytes::Base64, 12),
    Form(b"xoxr-", Bytes::Base64, 12),
    Form(b"xoxs-", Bytes::Base64, 12),
    Form(b"ya29.", Bytes::Base64, 20),
];

/// Looks at the word from `start` to `end`; gives back where a token ends.
pub(super) fn at(text: &[u8], start: usize, end: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let word = &text[start..end];
    let is_bot = word.len() >= 8 && (word[0].is_ascii_digit() || word.starts_with(b"bot"));
    // Of so many random bytes one is a digit.
    let is_random = word.len() >= 30 || word.iter().any(u8::is_ascii_digit);
    if !is_random || word.len() < 14 && !is_bot {
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
    let len = known.or_else(|| dotted(word)).or_else(|| mailchimp(word))?;
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
        (token.len() >= *least && is_random).then_some(begin.len() + token.len())
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

/// 32 hexadecimal digits and a data centre: `…-us21`.
fn mailchimp(word: &[u8]) -> Option<usize> {
    let place = word.get(32..)?.strip_prefix(b"-us")?;
    let is_place = !place.is_empty() && place.len() <= 2 && place.iter().all(u8::is_ascii_digit);
    (is_place && word[..32].iter().all(|b| Bytes::Hex.has(*b))).then_some(word.len())
}
