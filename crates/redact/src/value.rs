//! Whether bytes behind a name can be a secret: not if they are a variable, a hole of a template,
//! a switch, a path, or a word that stands where a secret was.

use crate::name::Meaning;
use crate::tables::names::PROSE;

/// Shorter values are initials, levels or switches.
const SHORTEST: usize = 3;

/// Whether a value behind a name of this meaning is to be hidden.
pub(crate) fn is_secret(value: &[u8], said: Meaning) -> bool {
    match said {
        Meaning::Nothing => false,
        Meaning::Suspicious => is_plausible(value) && looks_random(value),
        Meaning::Secret => is_plausible(value),
    }
}

/// Whether a value can be a secret at all.
pub(crate) fn is_plausible(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    value.len() >= SHORTEST
        && !is_switch(value)
        && !is_hole(value)
        && !is_stand_in(value)
        && !is_path(value)
        && !is_reference(value)
        && !is_amount(value)
        && !is_algorithm(value)
        && !is_call(value)
        && !is_key(value)
        && !is_command(value)
        && !is_name_of_secret(value)
        && !is_label(value)
}

/// `One-time code`: what a form says.
fn is_label(value: &[u8]) -> bool {
    let is_word = |word: &[u8]| {
        !word.is_empty()
            && word
                .iter()
                .all(|b| b.is_ascii_alphabetic() || b"-'".contains(b))
    };
    let words = value.split(|b| *b == b' ');
    value.contains(&b' ')
        && value[0].is_ascii_uppercase()
        && words.clone().count() < 7
        && words.clone().all(is_word)
        && words
            .clone()
            .skip(1)
            .any(|word| word[0].is_ascii_lowercase())
}

/// `db-password`, `api_token`, `HS_SECRET_2026`: where a secret is to be found, not the secret.
fn is_name_of_secret(value: &[u8]) -> bool {
    let is_plain = value
        .iter()
        .all(|b| b.is_ascii_lowercase() || b"-_".contains(b));
    let is_constant = value
        .iter()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
    let is_joined = value.iter().any(|b| b"-_".contains(b));
    (is_plain || is_constant) && is_joined && crate::name::meaning(value) == Meaning::Secret
}

/// `mysql --password="$X"`: what somebody typed.
fn is_command(value: &[u8]) -> bool {
    let has = |part: &[u8]| crate::place::contains(value, part);
    const PROGRAMS: [&[u8]; 10] = [
        b"cat ",
        b"gpg ",
        b"gpg2 ",
        b"pass ",
        b"security ",
        b"secret-tool ",
        b"vault ",
        b"op ",
        b"bw ",
        b"head ",
    ];
    PROGRAMS.iter().any(|program| value.starts_with(program))
        || has(b" --")
        || has(b"=\"$")
        || has(b" -p ")
        || has(b" => ")
        || value.starts_with(b"sudo ")
}

/// `token=`: the key of what follows.
fn is_key(value: &[u8]) -> bool {
    value.strip_suffix(b"=").is_some_and(|key| {
        let is_lower = key.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
        let is_name = key.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
        is_lower || is_name && crate::name::meaning(key) != Meaning::Nothing
    })
}

/// `10m`, `3600`s of a zone or a cache: digits with a unit.
fn is_amount(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let unit = &value[digits..];
    const UNITS: [&[u8]; 16] = [
        b"k", b"m", b"g", b"s", b"h", b"d", b"w", b"y", b"ms", b"kb", b"mb", b"gb", b"r/s", b"r/m",
        b"min", b"px",
    ];
    digits > 0 && UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known))
}

/// Names of algorithms stand behind names of secrets.
fn is_algorithm(value: &[u8]) -> bool {
    const KEYS: [&[u8]; 6] = [b"ssh-", b"ecdsa-", b"rsa-sha", b"http/", b"tls1", b"sk-ssh"];
    let is_kind =
        |kind: &&[u8]| value.len() > kind.len() && value[..kind.len()].eq_ignore_ascii_case(kind);
    if value.len() < 40 && KEYS.iter().any(is_kind) {
        return true;
    }
    const DIGESTS: [&[u8]; 8] = [
        b"sha-256=",
        b"sha-512=",
        b"sha256:",
        b"sha1:",
        b"md5:",
        b"sha256-",
        b"sha384-",
        b"sha512-",
    ];
    let begins = |digest: &&[u8]| {
        value.len() > digest.len() && value[..digest.len()].eq_ignore_ascii_case(digest)
    };
    if DIGESTS.iter().any(begins) {
        return true;
    }
    let is_public =
        KEYS.iter().any(|kind| value.starts_with(kind)) && crate::place::contains(value, b" AAAA");
    if is_public {
        return true;
    }
    const NAMES: [&[u8]; 30] = [
        b"ssha",
        b"ssha256",
        b"ssha512",
        b"sha512crypt",
        b"md5crypt",
        b"crypt",
        b"sha1",
        b"sha256",
        b"sha384",
        b"sha512",
        b"sha-256",
        b"sha-512",
        b"md5",
        b"bcrypt",
        b"argon2",
        b"argon2i",
        b"argon2id",
        b"scrypt",
        b"pbkdf2",
        b"hs256",
        b"hs384",
        b"hs512",
        b"rs256",
        b"rs512",
        b"es256",
        b"aes-256-cbc",
        b"aes-256-gcm",
        b"aes-128-gcm",
        b"ed25519",
        b"crc32",
    ];
    NAMES.iter().any(|name| value.eq_ignore_ascii_case(name))
}

/// Code that gives the value: `r.headersIn['X']`, `encodeURIComponent(x)`, `"a" + b`.
fn is_call(value: &[u8]) -> bool {
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || b"_.$:>-\\".contains(b);
    let name = value.iter().take_while(is_part).count();
    let behind = &value[name..];
    let closes = behind.contains(&b')') || behind.contains(&b']');
    let is_name = name > 0 && !value[0].is_ascii_digit();
    // `r.variables.token || ''`
    let is_path =
        is_name && value[..name].contains(&b'.') && matches!(behind.first(), Some(b' ' | b';'));
    let is_made = name > 3 && value[0].is_ascii_uppercase() && behind.starts_with(b"(");
    is_path
        || is_made
        || is_name && (closes || behind == b"(") && matches!(behind.first(), Some(b'(' | b'['))
        || matches!(value.first(), Some(b'(' | b'&' | b'+' | b','))
}

fn is_switch(value: &[u8]) -> bool {
    const SWITCHES: &[&[u8]] = &[
        b"absent",
        b"all",
        b"allow",
        b"always",
        b"any",
        b"auto",
        b"basic",
        b"bearer",
        b"body",
        b"changed",
        b"cookie",
        b"default",
        b"deny",
        b"digest",
        b"disabled",
        b"empty",
        b"enabled",
        b"epoch",
        b"expired",
        b"failed",
        b"false",
        b"file",
        b"files",
        b"generated",
        b"header",
        b"invalid",
        b"lax",
        b"login",
        b"memcached",
        b"missing",
        b"never",
        b"nil",
        b"no",
        b"none",
        b"null",
        b"off",
        b"on",
        b"on_create",
        b"optional",
        b"password",
        b"passwords",
        b"plain",
        b"present",
        b"query",
        b"random",
        b"redis",
        b"refresh",
        b"refreshed",
        b"required",
        b"reused",
        b"revoked",
        b"rotated",
        b"secret",
        b"session",
        b"strict",
        b"token",
        b"true",
        b"undefined",
        b"unknown",
        b"unset",
        b"valid",
        b"vault",
        b"yes",
    ];
    let is = |word: &&[u8]| value.eq_ignore_ascii_case(word);
    SWITCHES.iter().any(is)
}

/// Something that another program fills in: `$var`, `${VAR}`, `{{ x }}`, `<%= x %>`, `%env(X)%`,
/// `@X@`, `__X__`, `!vault`, `ENC[…]`.
pub(crate) fn is_hole(value: &[u8]) -> bool {
    // `*name`: what YAML has under that name.
    let is_alias = |rest: &[u8]| {
        !rest.is_empty()
            && rest.len() < 32
            && rest
                .iter()
                .all(|b| b.is_ascii_lowercase() || b"_-".contains(b))
    };
    if value.strip_prefix(b"*").is_some_and(is_alias) {
        return true;
    }
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"_.-:".contains(b);
    let wrapped = |open: &[u8], close: &[u8]| {
        value.len() > open.len() + close.len() && value.starts_with(open) && value.ends_with(close)
    };
    if let Some(rest) = value.strip_prefix(b"$") {
        let rest = rest.strip_prefix(b"$").unwrap_or(rest);
        let inner = match rest.strip_prefix(b"{") {
            Some(inner) => inner.strip_suffix(b"}").unwrap_or(inner),
            None => rest,
        };
        // `${NAME:-fallback}` is looked into by those who know the form.
        if rest.starts_with(b"{")
            && rest.ends_with(b"}")
            && inner.iter().take_while(|b| name(b)).count() > 0
        {
            return true;
        }
        return rest.starts_with(b"(")
            || rest.starts_with(b"{{")
            || !inner.is_empty()
                && inner.iter().all(|b| name(b) || b"[]'>".contains(b))
                && !looks_hashed(value);
    }
    // `%d`, `%s"`: what a call of `printf` fills in.
    if let [b'%', letter, ..] = value
        && value.len() < 5
        && letter.is_ascii_alphabetic()
    {
        return true;
    }
    let is_upper = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    wrapped(b"{{", b"}}")
        || wrapped(b"<%", b"%>")
        || wrapped(b"%env(", b")%")
        || wrapped(b"%{", b"}")
        || wrapped(b"@@", b"@@")
        || wrapped(b"[[", b"]]")
            && value[2..value.len() - 2]
                .iter()
                .all(|b| name(b) || *b == b' ')
        || wrapped(b"<", b">")
        || wrapped(b"ENC[", b"]")
        || wrapped(b"ENC(", b")")
        || wrapped(b"%", b"%") && value[1..value.len() - 1].iter().all(name)
        || wrapped(b"@", b"@") && value[1..value.len() - 1].iter().all(name)
        || wrapped(b"__", b"__") && value.iter().all(is_upper)
        || value.starts_with(b"!vault")
        || value.starts_with(b"!ENV")
        || value.starts_with(b"!Ref")
        || value.starts_with(b"!Sub")
        || value.starts_with(b"!GetAtt")
        || value.starts_with(b"{{")
        || value.starts_with(b"%{")
}

/// `$2y$10$…`, `$apr1$…`: a hash, not a variable.
fn looks_hashed(value: &[u8]) -> bool {
    let signs = value.iter().filter(|b| **b == b'$').count();
    signs > 1 && value.len() > 20 && !value.starts_with(b"$$")
}

/// A word that says that no secret stands here.
fn is_stand_in(value: &[u8]) -> bool {
    let repeated = |b: u8| value.iter().all(|x| *x == b);
    if value.len() >= 3 && b"*xX.-#_?0".iter().any(|b| repeated(*b)) {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    // `NOT_LOGGING_PARAMETER`
    let is_constant =
        value.contains(&b'_') && value.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    if is_constant || lower.starts_with(b"not yet ") || lower == b"n/a" || lower == b"(none)" {
        return true;
    }
    let has = |part: &[u8]| crate::place::contains(&lower, part);
    const PARTS: &[&[u8]] = &[
        b"placeholder",
        b"redacted",
        b"***",
        b"your-",
        b"your_",
        b"replace-me",
        b"replace_me",
        b"replaceme",
        b"-here",
        b"_here",
        b"see_vault",
        b"see-vault",
        b"censored",
        b"masked",
        b"<your",
        b"insert_",
        b"todo",
        b"not-set",
        b"not_set",
        b"dummy-",
        b"...",
    ];
    let crosses = lower.iter().filter(|b| **b == b'x').count();
    // `here goes your token`
    let mut words = lower.split(|b| *b == b' ');
    const NAMES: [&[u8]; 5] = [b"token", b"password", b"secret", b"passwort", b"key"];
    let names_itself = lower.contains(&b' ') && words.any(|word| NAMES.contains(&word));
    names_itself
        || has(b"xxxx") && crosses * 3 >= lower.len()
        || PARTS.iter().any(|part| has(part))
        || lower.starts_with(b"bgsecret")
        || lower.starts_with(b"[filtered")
        || lower.starts_with(b"[hidden")
        || lower.starts_with(b"\xe2\x80\xa2\xe2\x80\xa2")
}

/// A path of a file, or the address of a place that holds a secret.
pub(crate) fn is_path(value: &[u8]) -> bool {
    let starts = |prefix: &[u8]| value.starts_with(prefix);
    let is_rooted =
        starts(b"@/") || starts(b"/") || starts(b"./") || starts(b"../") || starts(b"~/");
    let is_drive = value.len() > 3 && value[0].is_ascii_alphabetic() && &value[1..3] == b":\\";
    // `name:/path`, as systemd names credentials.
    let name = value
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b))
        .count();
    if value[name..].starts_with(b":/") && !value[name..].starts_with(b"://") {
        return is_path(&value[name + 1..]);
    }
    let is_named = starts(b"file:") || starts(b"conf.d/") || starts(b"unix:");
    if is_named || is_drive {
        return true;
    }
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"/._-$@:*~{}%".contains(b);
    let last = value.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let inner = value.iter().filter(|b| **b == b'/').count();
    let has_end = last.iter().skip(1).any(|b| *b == b'.');
    // Base64 may begin with a slash, too.
    let is_plain = value
        .split(|b| *b == b'/')
        .all(|part| part.len() < 20 || !looks_random(part));
    is_rooted && value.iter().all(allowed) && (inner > 1 || has_end || last.len() < 12) && is_plain
        || !is_rooted
            && inner > 0
            && has_end
            && ends_in_extension(last)
            && value.iter().all(allowed)
}

fn ends_in_extension(name: &[u8]) -> bool {
    const ENDS: &[&[u8]] = &[
        b"pem",
        b"key",
        b"crt",
        b"txt",
        b"conf",
        b"json",
        b"yml",
        b"yaml",
        b"htpasswd",
        b"ini",
        b"env",
        b"pub",
        b"p12",
        b"jks",
        b"gpg",
        b"asc",
        b"php",
        b"lua",
        b"js",
        b"html",
        b"css",
        b"png",
        b"jpg",
        b"svg",
        b"xml",
        b"log",
        b"sql",
        b"gz",
        b"zip",
        b"mp4",
        b"m3u8",
    ];
    let end = name.rsplit(|b| *b == b'.').next().unwrap_or_default();
    ENDS.contains(&end)
}

/// Names what holds the secret instead of holding it: `var.db_password`, `env('X')`,
/// `vault:secret/x`, `op://…`, `arn:aws:secretsmanager:…`.
fn is_reference(value: &[u8]) -> bool {
    const BEGINNINGS: &[&[u8]] = &[
        b"vault:",
        b"op://",
        b"ref+",
        b"arn:aws:",
        b"projects/",
        b"secretsmanager:",
        b"ssm:",
        b"env:",
        b"require ",
        b"require(",
        b"r.variables.",
        b"r.headersIn",
        b"r.args",
        b"$r->",
        b"$ENV{",
        b"id=",
        b"secret/",
        b"request.",
        b"req.",
        b"self.",
        b"this.",
        b"ctx.",
        b"$this",
        b"env(",
        b"getenv(",
        b"os.environ",
        b"os.getenv",
        b"process.env.",
        b"var.",
        b"local.",
        b"data.",
        b"module.",
        b"random_password.",
        b"config(",
        b"sops:",
        b"lookup(",
        b"file(",
        b"ngx.var.",
        b"secrets.",
        b"ENV[",
        b"$_ENV",
        b"$_SERVER",
        b"std::env",
        b"keyring:",
        b"gcp:",
        b"azurekeyvault:",
        b"awssm:",
        b"base64decode(",
        b"each.value",
        b"aws_",
        b"azurerm_",
        b"google_",
    ];
    let is = |beginning: &&[u8]| value.starts_with(beginning);
    BEGINNINGS.iter().any(is)
}

/// Letters and digits mixed as nobody names things: the look of keys, tokens and generated
/// passwords. Versions, sizes, dates, host names, UUIDs of requests are not.
pub(crate) fn looks_random(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    if value.len() < 6 || value.len() > 4096 || value.contains(&b' ') {
        return false;
    }
    let count = |f: fn(&u8) -> bool| value.iter().filter(|b| f(b)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    if digits == value.len() {
        return digits >= 6;
    }
    // `site01`, `kunde4711`
    let word = value.iter().take_while(|b| b.is_ascii_lowercase()).count();
    let number = value.len() - word;
    if word >= 3 && number <= 4 && value[word..].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let is_number = value[0].is_ascii_digit() && letters <= 2 && digits > 0 && value.len() < 10;
    let dots = value.iter().filter(|b| **b == b'.').count();
    let is_host = dots > 0
        && upper < 2
        && value.len() < 48
        && value
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b".-:_".contains(b))
        && entropy(value) < 4.0;
    if is_number || is_host {
        return false;
    }
    let has_mixed_case = upper > 1 && lower > 1 && value.len() >= 16 && changes(value) > 4;
    digits > 0
        && letters > 0
        && (digits > 1 || value.len() >= 8 || changes(value) > 2)
        && !is_wordy(value)
        || has_mixed_case && entropy(value) > 3.3
}

/// Words joined by dashes or underscores, some with a number: `app-v2`, `cache_prefix_01`,
/// `374_EAV_ENTITY_TYPES`.
fn is_wordy(value: &[u8]) -> bool {
    let is_sign = |b: &u8| b"-_:/.".contains(b);
    let is_word = |part: &[u8]| {
        let letters = part.iter().take_while(|b| b.is_ascii_lowercase()).count();
        let digits = part.len() - letters;
        let is_number = part[letters..].iter().all(u8::is_ascii_digit);
        is_number && digits <= 4 && (digits == 0 || letters < 3 || digits < 3)
    };
    let parts = value.split(is_sign);
    let capitals = parts
        .clone()
        .filter(|part| part.len() > 2 && part.iter().all(u8::is_ascii_uppercase));
    let is_constant = capitals.count() > 1
        && value
            .iter()
            .all(|b| !b.is_ascii_lowercase() || b.is_ascii_hexdigit());
    value.iter().any(is_sign) && (parts.clone().all(is_word) || is_constant)
}

/// How often the kind of a byte changes along the value.
pub(crate) fn changes(value: &[u8]) -> usize {
    let kind = |b: u8| match b {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    value
        .windows(2)
        .filter(|w| kind(w[0]) != kind(w[1]))
        .count()
}

/// Bits a byte, after Shannon.
pub(crate) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    value.iter().for_each(|b| counts[usize::from(*b)] += 1);
    let all = value.len() as f64;
    let share = |count: &u32| {
        let share = f64::from(*count) / all;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(share).sum()
}

/// English words that follow `password:` in sentences.
pub(crate) fn is_prose(word: &[u8]) -> bool {
    let trimmed = word.to_ascii_lowercase();
    let trimmed = trimmed.strip_suffix(b",").unwrap_or(&trimmed);
    let trimmed = trimmed.strip_suffix(b".").unwrap_or(trimmed);
    std::str::from_utf8(trimmed).is_ok_and(|word| PROSE.binary_search(&word).is_ok())
}
