//! What a given file is, told from its name and its content: people paste what they have.

use std::ops::Range;

use base::FilePath;
use syntax::holes::{Language, Template};

use crate::php::defaults::{Scope, fpm_option};

/// Kinds of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An nginx configuration file, whole or a fragment.
    Nginx,
    /// The output of `nginx -T`.
    NginxDump,
    /// A PHP-FPM main file: it has `[global]`, or includes pools.
    FpmMain,
    /// One or more pools, or a part of one without its `[name]`.
    FpmPool,
    /// The output of `php-fpm -tt`.
    FpmDump,
    /// A php.ini, or a file of its scan directory.
    PhpIni,
    /// A `.user.ini` of a document root.
    UserIni,
}

/// Enough of a file to tell what it is; comments at the top of a shipped php.ini are long.
const LOOK_AT: usize = 256 * 1024;

/// Tells what a file is; `None` for something that is none of ours, or empty.
pub fn detect(path: &FilePath, bytes: &[u8]) -> Option<Kind> {
    let head = &bytes[..bytes.len().min(LOOK_AT)];
    if dump_header(head).is_some() {
        return Some(Kind::NginxDump);
    }
    if head.split(|&b| b == b'\n').take(50).any(is_fpm_notice) {
        return Some(Kind::FpmDump);
    }
    let template = Template::read(head, Language::Ini);
    let head = template.masked(head);
    let name = without_template_ending(path.name());
    if name == b".user.ini" {
        return Some(Kind::UserIni);
    }
    if name.starts_with(b"php") && name.ends_with(b".ini") {
        return Some(Kind::PhpIni);
    }
    let lines = head.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    let mut kind = None;
    for line in lines.filter(|l| !l.is_empty() && !matches!(l[0], b';' | b'#')) {
        if is_of_manager(line) {
            return None;
        }
        match kind_of_line(line) {
            // A later `[global]` or `include=` still makes a main file of what began as a pool.
            Some(Kind::FpmPool) => kind = Some(Kind::FpmPool),
            None => {}
            decided => return decided,
        }
    }
    kind.or_else(|| name.ends_with(b".ini").then_some(Kind::PhpIni))
        .or_else(|| looks_like_blocks(head).then_some(Kind::Nginx))
}

/// How sure it is that a file which looks like nginx's is: `0.0` when none of its statements begins
/// with a directive that is known, `1.0` when all do. Prose, scripts and other programs'
/// configuration have lines that end in `;` and `{`, too.
pub fn nginx_share(bytes: &[u8]) -> f32 {
    let head = &bytes[..bytes.len().min(LOOK_AT)];
    let (mut known, mut all) = (0_u16, 0_u16);
    for line in head.split(|&b| b == b'\n').map(<[u8]>::trim_ascii) {
        let is_statement = matches!(strip_comment(line).last(), Some(b';' | b'{'));
        if !is_statement || line[0] == b'#' || all == u16::MAX {
            continue;
        }
        let is_word = |b: &&u8| b.is_ascii_lowercase() || b.is_ascii_digit() || **b == b'_';
        let len = line.iter().take_while(is_word).count();
        let ends = matches!(line.get(len), Some(b' ' | b'\t' | b';' | b'{'));
        let is_directive = ends && !crate::tables::lookup(&line[..len]).is_empty();
        known += u16::from(is_directive);
        all += 1;
    }
    match all {
        0 => 0.0,
        all => f32::from(known) / f32::from(all),
    }
}

/// The name of the file that a template makes: `www.conf` of `www.conf.j2`.
pub fn without_template_ending(name: &[u8]) -> &[u8] {
    const ENDINGS: [&[u8]; 14] = [
        b".j2",
        b".jinja",
        b".jinja2",
        b".tmpl",
        b".tpl",
        b".erb",
        b".epp",
        b".template",
        b".dist",
        b".in",
        b".gotmpl",
        b".ctmpl",
        b".mustache",
        b".hbs",
    ];
    let is_left = |name: &&[u8]| !name.is_empty();
    let mut found = ENDINGS.iter().filter_map(|end| name.strip_suffix(*end));
    found.find(is_left).unwrap_or(name)
}

/// Words and braces on one long line, as tools write them.
fn looks_like_blocks(head: &[u8]) -> bool {
    head.contains(&b'{') || head.windows(2).any(|w| w == b";\n" || w == b"; ")
}

/// Supervisor and systemd start our servers, and their files have the form of FPM's.
fn is_of_manager(line: &[u8]) -> bool {
    const SECTIONS: [&[u8]; 7] = [
        b"[program:",
        b"[group:",
        b"[eventlistener:",
        b"[supervisord]",
        b"[unix_http_server]",
        b"[Unit]",
        b"[Service]",
    ];
    SECTIONS.iter().any(|section| line.starts_with(section))
}

fn kind_of_line(line: &[u8]) -> Option<Kind> {
    if line == b"[global]" || line.starts_with(b"[global]") {
        return Some(Kind::FpmMain);
    }
    if line.starts_with(b"[PHP]") || line.starts_with(b"[PATH=") || line.starts_with(b"[HOST=") {
        return Some(Kind::PhpIni);
    }
    if let Some((key, _)) = split_at(line, b'=') {
        if is_fpm_key(key) {
            return Some(if key == b"include" {
                Kind::FpmMain
            } else {
                Kind::FpmPool
            });
        }
        let ini_like = key
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b));
        if ini_like && !line.ends_with(b";") && !line.ends_with(b"{") && !key.is_empty() {
            return Some(Kind::PhpIni);
        }
    }
    let last = strip_comment(line).last().copied();
    matches!(last, Some(b';' | b'{' | b'}')).then_some(Kind::Nginx)
}

fn strip_comment(line: &[u8]) -> &[u8] {
    let end = line.windows(2).position(|w| w == b" #" || w == b"\t#");
    line[..end.unwrap_or(line.len())].trim_ascii_end()
}

fn split_at(line: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let index = line.iter().position(|&b| b == at)?;
    Some((line[..index].trim_ascii(), &line[index + 1..]))
}

/// Names that only FPM has; some of its names are php.ini's too.
fn is_fpm_key(key: &[u8]) -> bool {
    const BOTH: [&[u8]; 3] = [b"error_log", b"syslog.facility", b"syslog.ident"];
    const ARRAYS: [&[u8]; 3] = [b"php_", b"env[", b"access.suppress_path["];
    let is_option = |scope| fpm_option(scope, key).is_some();
    key == b"include"
        || ARRAYS.iter().any(|prefix| key.starts_with(prefix))
        || (is_option(Scope::Pool) || is_option(Scope::Global)) && !BOTH.contains(&key)
}

/// `[23-Nov-2026 09:00:00] NOTICE: [global]` or `… NOTICE: \tpid = …` of `php-fpm -tt`.
fn is_fpm_notice(line: &[u8]) -> bool {
    let find = |needle: &[u8]| line.windows(needle.len()).any(|w| w == needle);
    line.starts_with(b"[") && (find(b"] NOTICE: [global]") || find(b"] NOTICE: General Options"))
}

/// One file inside an `nginx -T` dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpedFile {
    /// Its path on the machine where the dump was made.
    pub path: FilePath,
    /// Its bytes in the dump.
    pub range: Range<usize>,
}

const DUMP_HEADER: &[u8] = b"# configuration file ";

/// Splits the output of `nginx -T`: every distinct file once, after a line
/// `# configuration file PATH:`, followed by a line feed of the dump's own (`main()` in
/// `src/core/nginx.c`). Lines of `nginx -t` before the first file are skipped.
///
/// A file may itself contain such a line; a header that does not stand at the beginning or behind
/// an empty line of the dump is taken as content.
pub fn split_nginx_dump(bytes: &[u8]) -> Vec<DumpedFile> {
    let mut files: Vec<DumpedFile> = Vec::new();
    let mut at = 0;
    let mut previous_blank = true;
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let starts_file = files.is_empty() || previous_blank;
        if let (Some(path), true) = (header_path(text), starts_file) {
            if let Some(last) = files.last_mut() {
                last.range.end = at - 1;
            }
            files.push(DumpedFile {
                path: FilePath::new(path),
                range: at + line.len()..bytes.len(),
            });
        }
        previous_blank = text.is_empty();
        at += line.len();
    }
    if let Some(last) = files.last_mut()
        && bytes.ends_with(b"\n")
        && last.range.len() > 1
    {
        last.range.end -= 1;
    }
    files
}

fn dump_header(head: &[u8]) -> Option<&[u8]> {
    head.split(|&b| b == b'\n').take(20).find_map(header_path)
}

fn header_path(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let path = line.strip_prefix(DUMP_HEADER)?.strip_suffix(b":")?;
    (!path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::{Kind, detect, split_nginx_dump};
    use base::FilePath;

    #[test]
    fn kinds_are_told_apart() {
        for (path, text, want) in [
            (
                "nginx.conf",
                "user www-data;\nhttp {\n}\n",
                Some(Kind::Nginx),
            ),
            ("x", "server {\n listen 80;\n}\n", Some(Kind::Nginx)),
            ("x", "server\n{\n listen 80;\n}\n", Some(Kind::Nginx)),
            (
                "x",
                "fastcgi_read_timeout 60s; # was 30\n",
                Some(Kind::Nginx),
            ),
            ("x", "set $a b=c;\n", Some(Kind::Nginx)),
            (
                "x",
                "# configuration file /etc/nginx/nginx.conf:\nuser a;\n",
                Some(Kind::NginxDump),
            ),
            ("x", "; c\n[global]\npid = x\n", Some(Kind::FpmMain)),
            ("x", "[www]\nlisten = 9000\n", Some(Kind::FpmPool)),
            (
                "x",
                "[www]\nlisten = 9000\n[global]\npid = /x\n",
                Some(Kind::FpmMain),
            ),
            ("x", "request_terminate_timeout = 30\n", Some(Kind::FpmPool)),
            (
                "x",
                "include=/etc/php/8.2/fpm/pool.d/*.conf\n",
                Some(Kind::FpmMain),
            ),
            (
                "20-opcache.ini",
                "zend_extension=opcache.so\n",
                Some(Kind::PhpIni),
            ),
            ("php.ini", "", Some(Kind::PhpIni)),
            ("x", "[PHP]\nengine = On\n", Some(Kind::PhpIni)),
            ("x", "max_execution_time = 30 ; s\n", Some(Kind::PhpIni)),
            (
                ".user.ini",
                "max_execution_time = 30\n",
                Some(Kind::UserIni),
            ),
            (
                "x",
                "[23-Nov-2026 09:00:00] NOTICE: [global]\n[23-Nov-2026 09:00:00] NOTICE: \tpid = x\n",
                Some(Kind::FpmDump),
            ),
            ("x", "", None),
            ("x", "hello\n", None),
            (
                "php-fpm.conf",
                "[program:php-fpmd]\ncommand = php-fpm\nlisten = x\n",
                None,
            ),
        ] {
            assert_eq!(
                detect(&FilePath::new(path), text.as_bytes()),
                want,
                "{path}: {text}"
            );
        }
    }

    #[test]
    fn a_dump_is_split_where_nginx_joined_it() {
        let dump = b"nginx: the configuration file /n.conf syntax is ok\n\
            # configuration file /n.conf:\nuser a;\n# configuration file /fake:\n\n\
            # configuration file /m.conf:\nb;";
        let files = split_nginx_dump(dump);
        let got: Vec<_> = files
            .iter()
            .map(|f| {
                (
                    f.path.to_string(),
                    String::from_utf8_lossy(&dump[f.range.clone()]),
                )
            })
            .collect();
        let want = [
            ("/n.conf", "user a;\n# configuration file /fake:\n"),
            ("/m.conf", "b;"),
        ];
        let want: Vec<_> = want.map(|(p, t)| (p.to_owned(), t.into())).to_vec();
        assert_eq!(got, want);
    }
}
