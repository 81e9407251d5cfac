//! The examples on the pages of rules, completed to whole configurations: what an example does
//! not say is right.

use std::collections::BTreeMap;

/// Where nginx's main file is.
pub const NGINX: &str = "/etc/nginx/nginx.conf";
/// Where FPM's main file is.
pub const FPM: &str = "/etc/php/8.2/fpm/php-fpm.conf";
/// Where php.ini is.
pub const PHP_INI: &str = "/etc/php/8.2/fpm/php.ini";

const SOUND_NGINX: &str = include_str!("../fixtures/sound/nginx.conf");
const SOUND_FPM: &str = include_str!("../fixtures/sound/php-fpm.conf");
const SOUND_PHP_INI: &str = include_str!("../fixtures/sound/php.ini");
const SOUND_PASSWD: &str = include_str!("../fixtures/sound/root/etc/passwd");
const SOUND_GROUP: &str = include_str!("../fixtures/sound/root/etc/group");

/// nginx, FPM and php.ini of one example, as texts; an empty one is that of the sound stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// nginx.conf, whole.
    pub nginx: String,
    /// php-fpm.conf, whole.
    pub fpm: String,
    /// php.ini.
    pub php_ini: String,
    /// `host.toml`: what is known of the machine.
    pub facts: String,
    /// `badgateway.toml`: what a team says.
    pub policy: String,
    /// More files by absolute path.
    pub more: BTreeMap<String, String>,
}

impl Example {
    /// Reads the fenced blocks of a section: `nginx`, `fpm`, `php-ini`, `facts`, `policy`, `file PATH`.
    ///
    /// # Errors
    /// A fence that is not closed or has another language, in words.
    pub fn from_markdown(text: &str) -> Result<Example, String> {
        let mut example = Example::default();
        let mut block: Option<(&str, String)> = None;
        for line in text.lines() {
            match (line.strip_prefix("```"), &mut block) {
                (Some(_), Some((language, body))) => {
                    example.add(language, body)?;
                    block = None;
                }
                (Some(language), None) => block = Some((language, String::new())),
                (None, Some((_, body))) => {
                    body.push_str(line);
                    body.push('\n');
                }
                (None, None) => {}
            }
        }
        match block {
            None => Ok(example),
            Some(_) => Err(format!("a fence is not closed:\n{text}")),
        }
    }

    fn add(&mut self, language: &str, body: &str) -> Result<(), String> {
        match language {
            "nginx" => self.nginx = whole_nginx(body),
            "fpm" => self.fpm = whole_fpm(body),
            "policy" => body.clone_into(&mut self.policy),
            "facts" => body.clone_into(&mut self.facts),
            "php-ini" => body.clone_into(&mut self.php_ini),
            other => match other.strip_prefix("file ") {
                Some(path) => drop(self.more.insert(path.to_owned(), body.to_owned())),
                None => return Err(format!("no such fence language: `{other}`")),
            },
        }
        Ok(())
    }

    /// All files, completed by those of the sound stack.
    pub fn files(&self) -> BTreeMap<String, String> {
        let or_sound = |text: &str, sound: &str| match text.is_empty() {
            true => sound.to_owned(),
            false => text.to_owned(),
        };
        let mut out = BTreeMap::from([
            (NGINX.to_owned(), or_sound(&self.nginx, SOUND_NGINX)),
            (FPM.to_owned(), or_sound(&self.fpm, SOUND_FPM)),
            (PHP_INI.to_owned(), or_sound(&self.php_ini, SOUND_PHP_INI)),
            ("/etc/passwd".to_owned(), SOUND_PASSWD.to_owned()),
            ("/etc/group".to_owned(), SOUND_GROUP.to_owned()),
        ]);
        out.extend(self.more.clone());
        out
    }
}

/// Puts an nginx snippet where it belongs, told from its first word.
fn whole_nginx(snippet: &str) -> String {
    let first = snippet
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .and_then(|line| line.split_whitespace().next())
        .unwrap_or("");
    let own_pass = snippet.contains("_pass ");
    let sound_pass = if own_pass {
        ""
    } else {
        "fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n\
         fastcgi_pass unix:/run/php/php-fpm.sock;\n"
    };
    let location = |body: &str| format!("location ~ \\.php$ {{\n{body}}}\n");
    let server = |body: &str| {
        format!("server {{\nlisten 80;\nserver_name shop.example;\nroot /srv/shop;\n{body}}}\n")
    };
    let whole = |http: &str| format!("user www-data;\nevents {{}}\nhttp {{\n{http}}}\n");
    let is_whole = snippet.lines().any(|line| line.starts_with("http {"));
    match first {
        _ if is_whole => snippet.to_owned(),
        "server" | "upstream" | "map" | "include" => whole(snippet),
        "location" | "set" | "ssl_protocols" | "ssl_ciphers" | "ssl_ecdh_curve" => {
            whole(&server(snippet))
        }
        _ => whole(&server(&location(&format!("{snippet}{sound_pass}")))),
    }
}

/// Completes a part of a pool; a text with sections of its own stays as it is.
fn whole_fpm(snippet: &str) -> String {
    match snippet.lines().any(|line| line.starts_with('[')) {
        true => snippet.to_owned(),
        false => format!("{SOUND_FPM}{snippet}"),
    }
}
