//! What a name says of the value behind it.
//!
//! A name is read as words: `mysqli.default_pw`, `X-Auth-Token` and `dbPassword` end in `pw`,
//! `token` and `password`. A word that names a secret counts unless a later one says that the value
//! is only about it: `PASSWORD_MIN_LENGTH`, `DB_PASSWORD_FILE`, `token_ttl`.

use crate::tables::names::{ABOUT, ENDS, HARMLESS, KEYS, NO_KEYS, SECRETS, SUSPICIOUS, VERBS};

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    /// Nothing.
    Nothing,
    /// The value may be a secret, if it looks like one: `X_KEY`, `signature`.
    Suspicious,
    /// The value is a secret, whatever it looks like.
    Secret,
}

/// What the name says of its value.
pub(crate) fn meaning(name: &[u8]) -> Meaning {
    if name.len() > 128 || !may_speak(name) {
        return Meaning::Nothing;
    }
    let words = words(name);
    let lower: String = words.join("_");
    const OPEN: [&str; 6] = [
        "authorized",
        "known",
        "pub",
        "public",
        "publishable",
        "trusted",
    ];
    if words.iter().any(|word| OPEN.contains(&word.as_str())) {
        return Meaning::Nothing;
    }
    // Who sends it may start Xdebug; Artifactory's key.
    if lower == "xdebug_trigger_value" || lower.ends_with("_art_api") || is_drupal(name) {
        return Meaning::Secret;
    }
    // `MAX_TOKENS`
    if words
        .iter()
        .any(|word| matches!(word.as_str(), "max" | "min"))
    {
        return Meaning::Nothing;
    }
    // Cookies of WordPress, which end in a hash of the site.
    if lower.starts_with("wordpress_logged_in") || lower.starts_with("wordpress_sec") {
        return Meaning::Secret;
    }
    let is_verb = words.len() > 1 && is_in(VERBS, &words[0]);
    if is_verb || is_in(HARMLESS, &lower) {
        return Meaning::Nothing;
    }
    let mut said = Meaning::Nothing;
    for (at, word) in words.iter().enumerate() {
        let before = &words[..at];
        let is = word_says(word, before);
        if is != Meaning::Nothing {
            // `PASS_COOKIE`: the name of one.
            said = match word.as_str() {
                "cookie" if said == Meaning::Secret => Meaning::Suspicious,
                _ => said.max(is),
            };
        } else if said == Meaning::Secret && matches!(word.as_str(), "md5" | "sha1" | "sha256") {
            // `CLAVE_SHA256`: for it, or made of it.
            said = Meaning::Suspicious;
        } else if said != Meaning::Nothing && is_in(ABOUT, word) {
            said = Meaning::Nothing;
        } else if word == "id" {
            // `AWS_ACCESS_KEY_ID`, `token_id`: half of a pair.
            said = match said {
                Meaning::Secret => Meaning::Suspicious,
                // `session_id`
                _ if matches!(words[at.saturating_sub(1)].as_str(), "session" | "sess") => {
                    Meaning::Suspicious
                }
                _ => Meaning::Nothing,
            };
        }
    }
    said
}

/// Drupal's session cookies: `SESS` or `SSESS` and a hash of the site.
fn is_drupal(name: &[u8]) -> bool {
    let hash = name
        .strip_prefix(b"SSESS")
        .or_else(|| name.strip_prefix(b"SESS"));
    hash.is_some_and(|hash| hash.len() >= 20 && hash.iter().all(u8::is_ascii_hexdigit))
}

fn word_says(word: &str, before: &[String]) -> Meaning {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if is_in(SECRETS, word) {
        return Meaning::Secret;
    }
    let last = before.last().map_or("", String::as_str);
    if word == "key" || word == "keys" {
        return match last {
            _ if is_in(KEYS, last) => Meaning::Secret,
            _ if is_in(NO_KEYS, last) => Meaning::Nothing,
            _ => Meaning::Suspicious,
        };
    }
    if is_in(SUSPICIOUS, word) {
        return Meaning::Suspicious;
    }
    // `rootpw`, `bindpw`
    if word.len() > 3 && word.ends_with("pw") {
        return Meaning::Secret;
    }
    // `snmp_community`, `CURLOPT_USERPWD`.
    if word == "community" && last == "snmp" || word.len() > 4 && word.ends_with("pwd") {
        return Meaning::Secret;
    }
    const NO_SECRET: [&str; 11] = [
        "monkey", "turkey", "donkey", "hotkey", "whiskey", "hockey", "jockey", "passkey",
        "sitekey", "basalt", "cobalt",
    ];
    if NO_SECRET.contains(&word) {
        return Meaning::Nothing;
    }
    // `passwordsaltmain`, but `passwordfile`.
    if let Some(rest) = word
        .strip_prefix("password")
        .or_else(|| word.strip_prefix("passwd"))
        && !rest.is_empty()
        && !is_in(ABOUT, rest)
    {
        return Meaning::Secret;
    }
    if word.len() > 5 && word.ends_with("key") {
        if is_in(KEYS, &word[..word.len() - 3]) {
            return Meaning::Secret;
        }
        return Meaning::Suspicious;
    }
    let is_one_word = ENDS
        .iter()
        .any(|end| word.ends_with(end) && word.len() > end.len());
    let is_pass = word.len() <= 10 && word.ends_with("pass") && !word.ends_with("ypass");
    let no_password = [
        "compass",
        "trespass",
        "surpass",
        "overpass",
        "underpass",
        "encompass",
    ];
    match (is_one_word, is_pass && !no_password.contains(&word)) {
        (false, false) => Meaning::Nothing,
        _ => Meaning::Secret,
    }
}

/// The words of a name, lower case. A change from lower to upper case begins a new one.
fn words(name: &[u8]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous = 0u8;
    for (at, &byte) in name.iter().enumerate() {
        let next = name.get(at + 1).copied().unwrap_or_default();
        if !byte.is_ascii_alphanumeric() {
            if !word.is_empty() {
                out.push(std::mem::take(&mut word));
            }
        } else {
            // `dbPassword`, `SOAPAuth`.
            let begins = previous.is_ascii_lowercase()
                || previous.is_ascii_uppercase() && next.is_ascii_lowercase();
            if byte.is_ascii_uppercase() && begins && !word.is_empty() {
                out.push(std::mem::take(&mut word));
            }
            word.push(char::from(byte.to_ascii_lowercase()));
        }
        previous = byte;
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

fn is_in(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// Three letters of every word that says something, wherever it stands in a name. A blank stands for
/// any byte. Names without any of them need no look.
const STEMS: &[&[u8; 3]] = &[
    b"pas", b"pwd", b"pw ", b"sec", b"tok", b"key", b"aut", b"coo", b"cre", b"jwt", b"bea", b"sal",
    b"ses", b"sid", b"sig", b"lic", b"otp", b"pin", b"hma", b"non", b"csr", b"xsr", b"psk", b"ken",
    b"mdp", b"geh", b"mne", b"pep", b"sch", b"see", b"web", b"bas", b"jet", b"wac", b"slo", b"lav",
    b"sen", b"zug", b"snm", b"wor", b"api", b"eim", b"kwo", b"swo", b"ras", b"igg", b"kod", b"adg",
    b"hes", b"jel", b"aro", b"ala",
];

/// Whether a name may say something: cheap, and asked of every word of a text.
pub(crate) fn may_speak(name: &[u8]) -> bool {
    let hit = |w: &[u8]| {
        let index =
            usize::from(w[0] & 31) << 10 | usize::from(w[1] & 31) << 5 | usize::from(w[2] & 31);
        STEM_TABLE[index / 64] & 1 << (index % 64) != 0
    };
    name.windows(3).any(hit) || name.len() > 1 && name[name.len() - 2..].eq_ignore_ascii_case(b"pw")
}

static STEM_TABLE: [u64; 512] = {
    let mut table = [0; 512];
    let mut at = 0;
    while at < STEMS.len() {
        let stem = STEMS[at];
        let index = (stem[0] as usize & 31) << 10 | (stem[1] as usize & 31) << 5;
        let mut last = 0;
        while last < 32 {
            if stem[2] == b' ' || stem[2] as usize & 31 == last {
                table[(index | last) / 64] |= 1 << ((index | last) % 64);
            }
            last += 1;
        }
        at += 1;
    }
    table
};

/// Names of parameters in addresses whose values are secret, beyond what names say elsewhere.
pub(crate) fn parameter(name: &[u8]) -> Meaning {
    // `reset_code`, `inviteCode`
    const ONCE: [&str; 9] = [
        "reset",
        "invite",
        "invitation",
        "verification",
        "verify",
        "confirm",
        "confirmation",
        "activation",
        "login",
    ];
    let words = words(&name[..name.len().min(64)]);
    if words.len() > 1
        && words.last().is_some_and(|word| word == "code")
        && words.iter().any(|word| ONCE.contains(&word.as_str()))
    {
        return Meaning::Secret;
    }
    const SECRET: &[&[u8]] = &[
        b"auth",
        b"pwd",
        b"pw",
        b"access_token",
        b"id_token",
        b"refresh_token",
        b"jwt",
        b"sid",
        b"sessid",
        b"session_id",
        b"sessionid",
        b"phpsessid",
        b"jsessionid",
        b"otp",
        b"ticket",
        b"assertion",
        b"samlresponse",
        b"code_verifier",
        b"x-amz-signature",
        b"x-amz-security-token",
        b"x-goog-signature",
        b"sig",
        b"hmac",
        b"signature",
        b"sign",
        b"magic",
        b"invite",
        b"pin",
        b"reset",
        b"confirm",
        b"verify",
        b"session",
        b"nonce",
        b"csrf",
        b"_csrf",
        b"x-amz-credential",
    ];
    const SUSPICIOUS: &[&[u8]] = &[
        b"code",
        b"key",
        b"hash",
        b"h",
        b"k",
        b"t",
        b"s",
        b"state",
        b"verification",
        b"activation",
        b"activate",
    ];
    let lower = name.to_ascii_lowercase();
    match meaning(name) {
        Meaning::Secret => Meaning::Secret,
        _ if SECRET.contains(&lower.as_slice()) => Meaning::Secret,
        _ if SUSPICIOUS.contains(&lower.as_slice()) => Meaning::Suspicious,
        said => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word of the lists that has no stem would never be looked at, one out of order never found.
    #[test]
    fn every_word_has_a_stem() {
        for word in SECRETS.iter().chain(SUSPICIOUS).chain(ENDS) {
            assert!(may_speak(word.as_bytes()), "{word}");
        }
        for list in [
            SECRETS,
            SUSPICIOUS,
            ENDS,
            KEYS,
            NO_KEYS,
            ABOUT,
            VERBS,
            HARMLESS,
            crate::tables::names::PROSE,
        ] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn names() {
        use Meaning::{Nothing, Secret, Suspicious};
        for (name, said) in [
            ("DB_PASSWORD", Secret),
            ("mysqli.default_pw", Secret),
            ("X-Auth-Token", Secret),
            ("dbPassword", Secret),
            ("PASSWORD_MIN_LENGTH", Nothing),
            ("DB_PASSWORD_FILE", Nothing),
            ("token_ttl", Nothing),
            ("server_tokens", Nothing),
            ("session.cookie_httponly", Nothing),
            ("proxy_cache_key", Nothing),
            ("STRIPE_KEY", Secret),
            ("SOME_KEY", Suspicious),
            ("AWS_ACCESS_KEY_ID", Suspicious),
            ("fastcgi_pass", Nothing),
            ("bypass", Nothing),
            ("SOAPAuth", Suspicious),
            ("public_key", Nothing),
            ("worker_processes", Nothing),
        ] {
            assert_eq!(meaning(name.as_bytes()), said, "{name}");
        }
    }
}
