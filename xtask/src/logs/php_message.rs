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

/// What is wrong in the code of a site. It happens again and again, at the same place and with
/// other values.
struct Fault<'a> {
    root: &'a str,
    /// The same each time.
    always: Random,
    /// Another one each time.
    this_time: Random,
}

/// Everything between the quotes of `FastCGI sent in stderr: "…"`.
pub(crate) fn write(out: &mut Vec<u8>, world: &World, incident: &Incident) {
    let mut random = incident.chance(3);
    let draw = |random: &mut Random| Fault {
        root: &world.site(incident.site).root,
        always: Random::new((incident.site as u64) << 32 | world.draw_fault(random)),
        this_time: Random::new(random.next()),
    };
    let is_warning = incident.kind == Kind::PhpWarning;
    let warnings = if !is_warning {
        u64::from(random.one_in(4))
    } else if random.one_in(60) {
        random.between(20, 60)
    } else {
        1 + random.gap(1)
    };
    let mut first = true;
    for _ in 0..warnings {
        let fault = draw(&mut random);
        message(out, &mut first, |out| warning(out, fault));
    }
    if is_warning {
        return;
    }
    let fault = draw(&mut random);
    message(out, &mut first, |out| match incident.kind {
        Kind::PhpMemory => memory(out, fault),
        Kind::PhpTimeLimit => time_limit(out, fault),
        _ => fatal(out, fault),
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

fn warning(out: &mut Vec<u8>, mut fault: Fault<'_>) {
    let kind = fault.always.index(WARNINGS.len());
    put(out, WARNINGS[kind]);
    put(out, fault.always.text(&WORDS));
    put(out, "_");
    put(out, fault.always.text(&WORDS));
    match kind {
        0 => put(out, "\""),
        4 => put(
            out,
            "): Failed to open stream: HTTP request failed! HTTP/1.1 503 Service Unavailable",
        ),
        5 => {
            put(out, "_");
            hex(out, fault.this_time.next(), 16);
            return;
        }
        _ => {}
    }
    put(out, " in ");
    place(out, &mut fault, " on line ");
}

fn memory(out: &mut Vec<u8>, mut fault: Fault<'_>) {
    put(out, "PHP Fatal error:  Allowed memory size of ");
    number(out, 16_777_216 << fault.always.below(5));
    put(out, " bytes exhausted (tried to allocate ");
    number(out, fault.this_time.between(20, 9_000_000));
    put(out, " bytes) in ");
    place(out, &mut fault, " on line ");
}

fn time_limit(out: &mut Vec<u8>, mut fault: Fault<'_>) {
    put(out, "PHP Fatal error:  Maximum execution time of ");
    number(out, *fault.always.pick(&[30, 60, 120]));
    put(out, " seconds exceeded in ");
    place(out, &mut fault, " on line ");
}

fn fatal(out: &mut Vec<u8>, mut fault: Fault<'_>) {
    let kind = fault.always.index(FATALS.len());
    put(out, "PHP Fatal error:  ");
    put(out, FATALS[kind]);
    match kind {
        0 => {
            put(out, fault.always.text(&WORDS));
            put(out, "_");
            put(out, fault.always.text(&WORDS));
            put(out, "() in ");
        }
        3 => {
            number(out, fault.this_time.below(900_000));
            put(out, " in ");
        }
        5 => {
            put(out, fault.always.text(&WORDS));
            put(out, " in ");
        }
        _ => {}
    }
    let again = fault.always.clone();
    place(out, &mut fault, ":");
    put(out, "\nStack trace:\n");
    let frames = fault.always.gap(3);
    for frame in 0..frames {
        put(out, "#");
        number(out, frame);
        put(out, " ");
        place(out, &mut fault, "(");
        put(out, "): ");
        call(out, &mut fault);
        put(out, "\n");
    }
    put(out, "#");
    number(out, frames);
    put(out, " {main}\n  thrown in ");
    fault.always = again;
    place(out, &mut fault, " on line ");
}

fn call(out: &mut Vec<u8>, fault: &mut Fault<'_>) {
    put(out, fault.always.text(&CLASSES));
    put(out, "->");
    put(out, fault.always.text(&WORDS));
    put(out, "(");
    match fault.always.below(4) {
        0 => number(out, fault.this_time.below(100_000)),
        1 => {
            put(out, "Object(");
            put(out, fault.always.text(&CLASSES));
            put(out, ")");
        }
        2 => {
            put(out, "'");
            hex(out, fault.this_time.next(), 12);
            put(out, "...', Array");
        }
        _ => {}
    }
    put(out, ")");
}

/// A file and a line, with what this message puts between them.
fn place(out: &mut Vec<u8>, fault: &mut Fault<'_>, between: &str) {
    let random = &mut fault.always;
    put(out, fault.root);
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
