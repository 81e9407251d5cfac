//! The parts of a request that several logs show: the same for the same incident, whoever asks.

use super::incident::Incident;
use super::random::Random;
use super::text::{hex, number, token};
use super::world::{WORDS, World};

/// How a log covers characters that would end its field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Escape {
    /// The error log covers nothing.
    Raw,
    /// `escape=json`.
    Json,
    /// The default of `log_format`: `\x22`.
    Hex,
}

/// Queries that break careless parsers, raw, in JSON and in hex. They are valid UTF-8: the rivals
/// of the benchmark refuse a whole file for one wrong byte, and would measure nothing.
const ODD: [[&str; 3]; 3] = [
    [
        r#"?q=%0a%22%00&u=é&x="q",upstream:"fastcgi://evil",host:"h""#,
        r#"?q=%0a%22%00&u=é&x=\"q\",upstream:\"fastcgi://evil\",host:\"h\""#,
        r"?q=%0a%22%00&u=\xC3\xA9&x=\x22q\x22,upstream:\x22fastcgi://evil\x22,host:\x22h\x22",
    ],
    [
        r"?path=C:\temp\new",
        r"?path=C:\\temp\\new",
        r"?path=C:\x5Ctemp\x5Cnew",
    ],
    [
        r#"?r=, client: 1.2.3.4, server: "x""#,
        r#"?r=, client: 1.2.3.4, server: \"x\""#,
        r"?r=, client: 1.2.3.4, server: \x22x\x22",
    ],
];

/// One visitor in six has an IPv6 address.
pub(crate) fn client(out: &mut Vec<u8>, client: u64) {
    let mut random = Random::new(client ^ 0xc11e_4711);
    if client % 6 == 5 {
        out.extend_from_slice(b"2001:db8:");
        hex(out, random.between(0x1000, 0xffff), 4);
        out.push(b':');
        hex(out, random.between(0x100, 0xfff), 3);
        out.extend_from_slice(b"::");
        hex(out, random.between(0x1000, 0xffff), 4);
        return;
    }
    let number_of_address = random.next();
    for (place, byte) in number_of_address.to_le_bytes().iter().take(4).enumerate() {
        if place > 0 {
            out.push(b'.');
        }
        number(out, u64::from(*byte % 223) + 1);
    }
}

/// `GET /shop/lamp?id=7 HTTP/1.1`
pub(crate) fn line(out: &mut Vec<u8>, world: &World, incident: &Incident, escape: Escape) {
    out.extend_from_slice(method(incident));
    out.push(b' ');
    out.extend_from_slice(world.page(incident.page).uri.as_bytes());
    query(out, incident, escape);
    let protocol: &[u8] = match incident.detail >> 8 & 7 {
        0..=3 => b" HTTP/2.0",
        4 if incident.detail >> 11 & 7 == 0 => b" HTTP/1.0",
        _ => b" HTTP/1.1",
    };
    out.extend_from_slice(protocol);
}

pub(crate) fn method(incident: &Incident) -> &'static [u8] {
    if incident.is_post() { b"POST" } else { b"GET" }
}

/// From nothing to several thousand bytes.
pub(crate) fn query(out: &mut Vec<u8>, incident: &Incident, escape: Escape) {
    let mut random = incident.chance(1);
    let form = random.below(3000);
    if form < 3 {
        let odd = ODD[form as usize];
        out.extend_from_slice(odd[escape as usize].as_bytes());
        return;
    }
    let parameters = match form {
        0..1000 => 0,
        1000..1900 => 1,
        1900..2500 => 2,
        _ => 4,
    };
    for place in 0..parameters {
        out.push(if place == 0 { b'?' } else { b'&' });
        parameter(out, &mut random);
    }
    if form >= 2994 {
        out.extend_from_slice(b"&filter=");
        for _ in 0..random.between(120, 500) {
            token(out, random.next());
        }
    }
}

fn parameter(out: &mut Vec<u8>, random: &mut Random) {
    let value = random.next();
    let (first, second) = (random.text(&WORDS), random.text(&WORDS));
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    match value & 7 {
        0 => {
            put("page=");
            number(out, value >> 8 & 63);
        }
        1 => {
            put("q=");
            put(first);
            put("+");
            put(second);
        }
        2 => {
            put("utm_source=newsletter&utm_campaign=");
            put(first);
            put("-");
            number(out, value >> 8 & 1023);
        }
        3 => {
            put("gclid=");
            (0..4).for_each(|_| token(out, random.next()));
        }
        4 => {
            put("session=");
            hex(out, value, 16);
            hex(out, random.next(), 16);
        }
        5 => {
            put("_=1793");
            number(out, value >> 8 & 0x3_ffff_ffff);
        }
        6 => {
            put("sort=");
            put(first);
            put("&dir=asc&token=");
            hex(out, value, 12);
        }
        _ => {
            put("id=");
            number(out, value >> 8 & 0xf_ffff);
        }
    }
}

/// Where the visitor came from; nothing for a good half of them.
pub(crate) fn referrer(out: &mut Vec<u8>, world: &World, incident: &Incident) -> bool {
    let mut random = incident.chance(2);
    if random.percent(55) {
        return false;
    }
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    if random.percent(15) {
        put("https://www.search.example/");
        return true;
    }
    put("https://");
    put(&world.site(incident.site).name);
    put(&world.page(world.draw_page(&mut random)).uri);
    if random.percent(40) {
        put("?");
        parameter(out, &mut random);
    }
    true
}

/// A visitor keeps his browser.
pub(crate) fn user_agent(out: &mut Vec<u8>, client: u64) {
    let mut random = Random::new(client ^ 0xa6e7_0815);
    let version = random.between(98, 143);
    let minor = random.below(7000);
    let text = match random.below(8) {
        0 | 1 => format!(
            "Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
        ),
        2 | 3 => format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/{version}.0.{minor}.{} Safari/537.36",
            minor % 211
        ),
        4 | 5 => format!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS {}_{} like Mac OS X) AppleWebKit/605.1.15 \
             (KHTML, like Gecko) Version/{}.{} Mobile/15E148 Safari/604.1",
            version % 5 + 14,
            minor % 7,
            version % 5 + 14,
            minor % 7
        ),
        6 => format!("curl/{}.{}.{}", 7 + minor % 2, minor % 90, minor % 3),
        _ => format!(
            "Mozilla/5.0 (compatible; examplebot/{}.{}; +https://bot.example/)",
            version % 4,
            minor % 9
        ),
    };
    out.extend_from_slice(text.as_bytes());
}
