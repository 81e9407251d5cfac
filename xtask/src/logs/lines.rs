//! The lines: what nginx writes about requests that fail, and about those that do not.

use std::fmt::Write as _;

use super::random::Random;

const WORDS: [&str; 16] = [
    "api", "shop", "cart", "user", "admin", "search", "order", "export", "report", "image", "feed",
    "login", "checkout", "invoice", "v2", "sync",
];
const AGENTS: [&str; 6] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
    "curl/8.5.0",
    "GuzzleHttp/7",
    "Mozilla/5.0 (compatible; bingbot/2.0; +bot)",
];

/// Where a message says what nginx was doing.
const HEADER: &str = "while reading response header from upstream";

/// The time of the lines: bursts and quiet minutes.
pub(crate) struct Clock {
    millis: u64,
    burst: u64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        // 2026-11-01 00:00:00 UTC.
        Clock {
            millis: 1_793_491_200_000,
            burst: 0,
        }
    }

    pub(crate) fn advance(&mut self, random: &mut Random) {
        if self.burst == 0 && random.below(2000) == 0 {
            self.burst = 500 + random.below(4000);
        }
        let step = if self.burst > 0 { 4 } else { 120 };
        self.burst = self.burst.saturating_sub(1);
        self.millis += random.below(step);
    }

    /// Year, month, day, hour, minute, second.
    fn parts(&self) -> [u64; 6] {
        let seconds = self.millis / 1000;
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        // Days since 0000-03-01, as the civil calendar counts them.
        let z = days + 719_468;
        let era = z / 146_097;
        let of_era = z % 146_097;
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, carry) = if month < 10 {
            (month + 3, 0)
        } else {
            (month - 9, 1)
        };
        [
            year + era * 400 + carry,
            month,
            day,
            rest / 3600,
            rest / 60 % 60,
            rest % 60,
        ]
    }
}

/// What is asked and who answers.
pub(crate) struct Traffic {
    paths: Vec<String>,
    upstreams: Vec<String>,
}

impl Traffic {
    pub(crate) fn new(random: &mut Random) -> Self {
        let mut paths = Vec::new();
        for _ in 0..4000 {
            let mut path = String::new();
            for _ in 0..=random.below(3) {
                path.push('/');
                path.push_str(WORDS[random.long_tail(WORDS.len())]);
                if random.percent(20) {
                    let _never_fails = write!(path, "-{}", random.below(900));
                }
            }
            path.push_str(if random.percent(60) { ".php" } else { "" });
            paths.push(path);
        }
        let sockets = (0..6).map(|n| format!("unix:/run/php/php8.2-fpm-{n}.sock"));
        let ports = (0..4).map(|n| format!("127.0.0.1:90{n:02}"));
        Traffic {
            paths,
            upstreams: sockets.chain(ports).collect(),
        }
    }

    fn path(&self, random: &mut Random) -> &str {
        &self.paths[random.long_tail(self.paths.len())]
    }

    fn request(&self, random: &mut Random, out: &mut String) {
        let method = ["GET", "GET", "GET", "POST", "HEAD"][random.long_tail(5)];
        let _never_fails = write!(out, "{method} {}", self.path(random));
        if random.percent(55) {
            let _never_fails = write!(out, "?id={}&s={:x}", random.below(5_000_000), random.next());
        }
        if random.below(400) == 0 {
            out.push_str("&long=");
            out.extend(std::iter::repeat_n(
                'x',
                usize::try_from(random.below(3000)).unwrap_or(0),
            ));
        }
        out.push_str(" HTTP/1.1");
    }

    /// One entry of the error log.
    pub(crate) fn error(&self, random: &mut Random, clock: &Clock, out: &mut String) {
        let [year, month, day, hour, minute, second] = clock.parts();
        let connection = random.below(90_000_000);
        let worker = 900 + random.below(8);
        let up = &self.upstreams[random.long_tail(self.upstreams.len())];
        let is_unix = up.starts_with("unix");
        let (level, message) = self.message(random, up, is_unix);
        let _never_fails = write!(
            out,
            "{year}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02} [{level}] \
             {worker}#{worker}: *{connection} {message}"
        );
        self.fields(random, &message, up, is_unix, out);
        // nginx cuts what is longer, and always ends the line.
        let last = out.rfind('\n').map_or(0, |at| at + 1);
        if out.len() - last > 2047 {
            out.truncate(last + 2047);
        }
        out.push('\n');
    }

    fn fields(&self, random: &mut Random, message: &str, up: &str, unix: bool, out: &mut String) {
        let host = random.long_tail(12);
        let _never_fails = match random.percent(10) {
            true => write!(out, ", client: 2001:db8::{:x}", random.below(65_536)),
            false => write!(
                out,
                ", client: 10.{}.{}.{}",
                random.below(256),
                random.below(256),
                random.below(256)
            ),
        };
        let _never_fails = write!(out, ", server: shop{host}.example, request: \"");
        self.request(random, out);
        let colon = if unix && !message.contains("upstream timed out") {
            ":"
        } else {
            ""
        };
        let _never_fails = write!(
            out,
            "\", upstream: \"fastcgi://{up}{colon}\", host: \"shop{host}.example\""
        );
        if random.percent(35) {
            let _never_fails = write!(
                out,
                ", referrer: \"https://shop{host}.example{}\"",
                self.path(random)
            );
        }
    }

    fn message(&self, random: &mut Random, up: &str, is_unix: bool) -> (&'static str, String) {
        let to = if is_unix {
            format!("to {up} ")
        } else {
            String::new()
        };
        let error = |text: String| ("error", text);
        match random.below(100) {
            0..=24 => error(format!(
                "recv() failed (104: Connection reset by peer) {HEADER}"
            )),
            25..=44 => error(format!(
                "upstream timed out (110: Connection timed out) {HEADER}"
            )),
            45..=49 => error(
                "readv() failed (104: Connection reset by peer) while reading upstream".into(),
            ),
            50..=57 => error(format!(
                "connect() {to}failed (11: Resource temporarily unavailable) while connecting to upstream"
            )),
            58..=61 => (
                "crit",
                format!(
                    "connect() {to}failed (2: No such file or directory) while connecting to upstream"
                ),
            ),
            62..=65 => error(format!(
                "connect() {to}failed (111: Connection refused) while connecting to upstream"
            )),
            66..=69 => error(format!("upstream sent too big header {HEADER}")),
            70..=75 => error(format!(
                "FastCGI sent in stderr: \"PHP message: PHP Fatal error:  Uncaught Error: Call to \
                 undefined function f{}() in /var/www{}.php:{}\nStack trace:\n#0 {{main}}\n  thrown in \
                 /var/www/index.php on line {}\" {HEADER}",
                random.below(50),
                self.path(random),
                random.below(900),
                random.below(900)
            )),
            76..=79 => error(format!(
                "FastCGI sent in stderr: \"PHP message: PHP Warning:  Undefined variable $v{} in \
                 /var/www/index.php on line {}\" {HEADER}",
                random.below(90),
                random.below(900)
            )),
            80..=85 => error(format!(
                "FastCGI sent in stderr: \"Primary script unknown\" {HEADER}"
            )),
            86..=87 => error("no live upstreams while connecting to upstream".into()),
            88..=93 => (
                "warn",
                format!(
                    "an upstream response is buffered to a temporary file \
                     /var/lib/nginx/fastcgi/{}/{:02}/{:010} while reading upstream",
                    random.below(10),
                    random.below(100),
                    random.below(99_999)
                ),
            ),
            _ => (
                "info",
                "epoll_wait() reported that client prematurely closed connection, so upstream \
                 connection is closed too while sending request to upstream"
                    .into(),
            ),
        }
    }

    fn status(random: &mut Random) -> u16 {
        match random.below(1000) {
            0..=4 => 502,
            5..=9 => 504,
            10..=13 => 500,
            14..=16 => 499,
            17..=50 => 404,
            51..=90 => 304,
            _ => 200,
        }
    }

    /// One line of a JSON access log.
    pub(crate) fn access_json(&self, random: &mut Random, clock: &Clock, out: &mut String) {
        let [year, month, day, hour, minute, second] = clock.parts();
        let status = Self::status(random);
        let up = &self.upstreams[random.long_tail(self.upstreams.len())];
        let millis = random.below(900);
        let header = match status {
            502 | 504 => "-".to_owned(),
            _ => format!("0.{:03}", random.below(millis + 1)),
        };
        let _never_fails = write!(
            out,
            "{{\"time\":\"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00\",\
             \"conn\":\"{}\",\"status\":\"{status}\",\"upstream_status\":\"{status}\",\
             \"upstream_addr\":\"{up}\",\"urt\":\"0.{millis:03}\",\"uct\":\"0.000\",\"uht\":\"{header}\",\
             \"rt\":\"0.{millis:03}\",\"ubr\":\"{}\",\"bytes\":\"{}\",\"request\":\"",
            random.below(90_000_000),
            random.below(99_999),
            random.below(99_999)
        );
        self.request(random, out);
        let agent = AGENTS[random.long_tail(AGENTS.len())];
        let _never_fails = writeln!(out, "\",\"agent\":\"{agent}\"}}");
    }

    /// One line in nginx's own format.
    pub(crate) fn access(&self, random: &mut Random, clock: &Clock, out: &mut String) {
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let [year, month, day, hour, minute, second] = clock.parts();
        let month = MONTHS[usize::try_from(month - 1).unwrap_or(0) % 12];
        let _never_fails = write!(
            out,
            "10.{}.{}.{} - - [{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000] \"",
            random.below(256),
            random.below(256),
            random.below(256)
        );
        self.request(random, out);
        let agent = AGENTS[random.long_tail(AGENTS.len())];
        let (status, bytes) = (Self::status(random), random.below(99_999));
        let _never_fails = writeln!(out, "\" {status} {bytes} \"-\" \"{agent}\"");
    }
}
