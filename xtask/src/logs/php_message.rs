//! What PHP sends to nginx as FastCGI's standard error: warnings, fatal errors, stack traces.

use super::incident::{Incident, Kind};
use super::random::Random;
use super::text::{hex, number};
use super::world::{WORDS, World};

/// PHP-FPM hands on about this much of one message (`log_limit`).
const LIMIT: usize = 1000;

const FATALS: [&str; 6] = [
    "Uncaught Error: Call to undefined function ",
    "Uncaught TypeError: Unsupported operand types: string + int in ",
    "Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in ",
    "Uncaught Exception: no such entity with id ",
    "Uncaught Error: Call to a member function getId() on null in ",
    "Uncaught InvalidArgumentException: key does not exist: ",
];
const WARNINGS: [&str; 6] = [
    "PHP Warning:  Undefined array key \"",
    "PHP Warning:  Undefined variable $",
    "PHP Notice:  Trying to access array offset on null, ",
    "PHP Deprecated:  Creation of dynamic property App\\Model\\",
    "PHP Warning:  file_get_contents(https://feed.example/",
    "cache miss for key ",
];
const CLASSES: [&str; 12] = [
    "App\\Service\\Cart",
    "App\\Controller\\Shop",
    "Symfony\\Component\\HttpKernel\\HttpKernel",
    "Doctrine\\DBAL\\Connection",
    "App\\Repository\\Order",
    "Illuminate\\Pipeline\\Pipeline",
    "Monolog\\Logger",
    "App\\Http\\Middleware\\Session",
    "Twig\\Template",
    "WP_Hook",
    "App\\Kernel",
    "GuzzleHttp\\Client",
];

/// Everything between the quotes of `FastCGI sent in stderr: "…"`.
pub(crate) fn write(out: &mut Vec<u8>, world: &World, incident: &Incident) {
    let mut random = incident.chance(3);
    let root = world.site(incident.site).root.as_str();
    let messages = match incident.kind {
        Kind::PhpWarning if random.one_in(60) => random.between(20, 60),
        Kind::PhpWarning => 1 + random.gap(1),
        _ => u64::from(random.one_in(4)),
    };
    let mut first = true;
    if incident.kind == Kind::PhpWarning {
        for _ in 0..messages {
            message(out, &mut first, |out| warning(out, root, &mut random));
        }
        return;
    }
    for _ in 0..messages {
        message(out, &mut first, |out| warning(out, root, &mut random));
    }
    message(out, &mut first, |out| match incident.kind {
        Kind::PhpMemory => memory(out, root, &mut random),
        Kind::PhpTimeLimit => time_limit(out, root, &mut random),
        _ => fatal(out, root, &mut random),
    });
}

fn message(out: &mut Vec<u8>, first: &mut bool, write: impl FnOnce(&mut Vec<u8>)) {
    let joint: &[u8] = if *first { b"" } else { b"; " };
    *first = false;
    out.extend_from_slice(joint);
    out.extend_from_slice(b"PHP message: ");
    let begin = out.len();
    write(out);
    out.truncate(begin + LIMIT);
}

fn warning(out: &mut Vec<u8>, root: &str, random: &mut Random) {
    let kind = random.index(WARNINGS.len());
    put(out, WARNINGS[kind]);
    put(out, random.text(&WORDS));
    put(out, "_");
    put(out, random.text(&WORDS));
    match kind {
        0 => put(out, "\""),
        4 => put(
            out,
            "): Failed to open stream: HTTP request failed! HTTP/1.1 503 Service Unavailable",
        ),
        5 => {
            put(out, "_");
            hex(out, random.next(), 16);
            return;
        }
        _ => {}
    }
    put(out, " in ");
    place(out, root, random, " on line ");
}

fn memory(out: &mut Vec<u8>, root: &str, random: &mut Random) {
    put(out, "PHP Fatal error:  Allowed memory size of ");
    number(out, 16_777_216 << random.below(5));
    put(out, " bytes exhausted (tried to allocate ");
    number(out, random.between(20, 9_000_000));
    put(out, " bytes) in ");
    place(out, root, random, " on line ");
}

fn time_limit(out: &mut Vec<u8>, root: &str, random: &mut Random) {
    put(out, "PHP Fatal error:  Maximum execution time of ");
    number(out, *random.pick(&[30, 60, 120]));
    put(out, " seconds exceeded in ");
    place(out, root, random, " on line ");
}

fn fatal(out: &mut Vec<u8>, root: &str, random: &mut Random) {
    let kind = random.index(FATALS.len());
    put(out, "PHP Fatal error:  ");
    put(out, FATALS[kind]);
    match kind {
        0 => {
            put(out, random.text(&WORDS));
            put(out, "_");
            put(out, random.text(&WORDS));
            put(out, "() in ");
        }
        3 => {
            number(out, random.below(900_000));
            put(out, " in ");
        }
        5 => {
            put(out, random.text(&WORDS));
            put(out, " in ");
        }
        _ => {}
    }
    let mut thrown = random.clone();
    place(out, root, random, ":");
    put(out, "\nStack trace:\n");
    let frames = random.gap(3);
    for frame in 0..frames {
        put(out, "#");
        number(out, frame);
        put(out, " ");
        place(out, root, random, "(");
        put(out, "): ");
        call(out, random);
        put(out, "\n");
    }
    put(out, "#");
    number(out, frames);
    put(out, " {main}\n  thrown in ");
    place(out, root, &mut thrown, " on line ");
}

fn call(out: &mut Vec<u8>, random: &mut Random) {
    put(out, random.text(&CLASSES));
    put(out, "->");
    put(out, random.text(&WORDS));
    put(out, "(");
    match random.below(4) {
        0 => number(out, random.below(100_000)),
        1 => {
            put(out, "Object(");
            put(out, random.text(&CLASSES));
            put(out, ")");
        }
        2 => {
            put(out, "'");
            hex(out, random.next(), 12);
            put(out, "...', Array");
        }
        _ => {}
    }
    put(out, ")");
}

/// A file and a line, with what this message puts between them.
fn place(out: &mut Vec<u8>, root: &str, random: &mut Random, between: &str) {
    put(out, root);
    put(
        out,
        random.text(&[
            "/../src/",
            "/../vendor/acme/",
            "/lib/",
            "/wp-content/plugins/",
        ]),
    );
    put(out, random.text(&WORDS));
    put(out, "/");
    put(out, random.text(&WORDS));
    put(out, ".php");
    put(out, between);
    number(out, random.between(2, 1400));
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}
