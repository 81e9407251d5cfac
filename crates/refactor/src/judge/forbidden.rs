//! What a language model may not add, change or remove, whatever a finding says: directives and
//! settings that run code, open files, send data elsewhere or guard a door.

use crate::papers::Tongue;

/// What a directive could do in the wrong hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// Code of another language, or a program, runs.
    Runs,
    /// A file is read or written, often by root.
    Opens,
    /// Requests, answers or data of visitors go somewhere else.
    Sends,
    /// It decides who may come in, or whose requests are answered where.
    Guards,
}

impl Power {
    /// For sentences: `fastcgi_pass` …
    pub(crate) fn words(self) -> &'static str {
        match self {
            Power::Runs => "can run code",
            Power::Opens => "opens files",
            Power::Sends => "can send data elsewhere",
            Power::Guards => "decides who may come in",
        }
    }
}

use Power::{Guards, Opens, Runs, Sends};

/// Names of nginx; a star stands for anything.
#[rustfmt::skip]
const NGINX: &[(&str, Power)] = &[
    ("load_module", Runs), ("perl*", Runs), ("js_*", Runs), ("*lua*", Runs), ("ssi*", Runs),
    ("passenger_*", Runs), ("xslt_*", Runs), ("wasm_*", Runs), ("proxy_wasm*", Runs),
    ("sub_filter*", Runs), ("add_before_body", Runs), ("add_after_body", Runs), ("env", Runs),
    // `PHP_ADMIN_VALUE` sets any setting of PHP, `SCRIPT_FILENAME` says which program runs.
    ("fastcgi_param", Runs), ("uwsgi_param", Runs), ("scgi_param", Runs), ("uwsgi_modifier*", Runs),
    ("fastcgi_index", Runs), ("fastcgi_split_path_info", Runs), ("ssl_engine", Runs),
    ("include", Opens), ("root", Opens), ("alias", Opens), ("access_log", Opens),
    ("error_log", Opens), ("pid", Opens), ("lock_file", Opens), ("*_temp_path", Opens),
    ("*_cache_path", Opens), ("*_store", Opens), ("*ssl_certificate*", Opens),
    ("*ssl_*_file", Opens), ("ssl_dhparam", Opens), ("*ssl_trusted_certificate", Opens),
    ("ssl_client_certificate", Opens), ("*ssl_crl", Opens), ("*ssl_session_ticket_key", Opens),
    ("working_directory", Opens), ("geoip*", Opens), ("google_perftools_profiles", Opens),
    ("index", Opens), ("try_files", Opens), ("disable_symlinks", Opens), ("autoindex*", Opens),
    ("dav_*", Opens), ("modsecurity*", Opens),
    ("*_pass", Sends), ("upstream", Sends), ("mirror*", Sends), ("post_action", Sends),
    ("resolver*", Sends), ("return", Sends), ("rewrite", Sends), ("error_page", Sends),
    ("*_redirect", Sends), ("*_bind", Sends), ("otel_*", Sends), ("opentracing*", Sends),
    ("zipkin*", Sends), ("*_set_header", Sends), ("*_set_body", Sends), ("*_pass_header", Sends),
    ("*_hide_header", Sends), ("*_intercept_errors", Sends), ("*_cookie_*", Sends),
    ("userid*", Sends), ("ssl_stapling_responder", Sends), ("starttls", Sends),
    ("allow", Guards), ("deny", Guards), ("satisfy", Guards), ("auth_*", Guards),
    ("internal", Guards), ("*ssl_verify*", Guards), ("secure_link*", Guards), ("user", Guards),
    ("valid_referers", Guards), ("limit_except", Guards), ("listen", Guards),
    ("server_name", Guards), ("location", Guards), ("server", Guards), ("if", Guards),
    ("map", Guards), ("geo", Guards), ("set", Guards), ("split_clients", Guards),
    ("set_real_ip_from", Guards), ("real_ip_*", Guards), ("stub_status", Guards),
    ("*status*", Guards), ("api", Guards), ("break", Guards), ("merge_slashes", Guards),
    ("http", Guards), ("stream", Guards), ("mail", Guards), ("events", Guards),
];

/// Names of PHP-FPM and of php.ini, which pools set too.
#[rustfmt::skip]
const PHP: &[(&str, Power)] = &[
    ("auto_prepend_file", Runs), ("auto_append_file", Runs), ("extension", Runs),
    ("zend_extension*", Runs), ("extension_dir", Runs), ("disable_*", Runs), ("allow_url_*", Runs),
    ("enable_dl", Runs), ("ffi.*", Runs), ("opcache.preload*", Runs), ("opcache.file_cache*", Runs),
    ("sendmail_path", Runs), ("mail.*", Runs), ("unserialize_*", Runs), ("assert.*", Runs),
    ("zend.assertions", Runs), ("xdebug.*", Runs), ("include_path", Runs), ("env", Runs),
    ("security.limit_extensions", Runs), ("session.serialize_handler", Runs), ("user_ini.*", Runs),
    ("session.save_handler", Runs), ("suhosin.*", Runs), ("sp.*", Runs), ("phar.*", Runs),
    ("include", Opens), ("prefix", Opens), ("error_log", Opens), ("pid", Opens), ("slowlog", Opens),
    ("access.*", Opens), ("chroot", Opens), ("chdir", Opens), ("open_basedir", Opens),
    ("doc_root", Opens), ("user_dir", Opens), ("upload_tmp_dir", Opens), ("sys_temp_dir", Opens),
    ("session.save_path", Opens), ("*.cafile", Opens), ("*.capath", Opens), ("curl.cainfo", Opens),
    ("browscap", Opens), ("soap.*_dir", Opens), ("*.log_file", Opens), ("*_log", Opens),
    ("smtp*", Sends), ("sendmail_from", Sends), ("mysqli.*", Sends), ("pdo*", Sends),
    ("newrelic.*", Sends), ("blackfire.*", Sends), ("tideways.*", Sends), ("datadog.*", Sends),
    ("ddtrace*", Sends), ("ldap.*", Sends), ("arg_separator.*", Sends), ("syslog.*", Sends),
    ("session.cookie_domain", Sends), ("url_rewriter*", Sends), ("session.trans_sid_*", Sends),
    ("listen", Guards), ("listen.*", Guards), ("user", Guards), ("group", Guards),
    ("pm.status_*", Guards), ("ping.*", Guards), ("apparmor_hat", Guards),
    ("cgi.*redirect*", Guards), ("session.cookie_path", Guards),
];

/// What may be added but neither changed nor removed: it closes and does not open.
const ADDED_ONLY: [(&str, &str); 3] = [("deny", "all"), ("internal", ""), ("location", "*")];

/// What a name can do that keeps a model's hands off it; `values` are those of a statement that is
/// added, if it is.
pub(crate) fn power(tongue: Tongue, name: &[u8], added: Option<&[Vec<u8>]>) -> Option<Power> {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let table = match tongue {
        Tongue::Nginx => NGINX,
        Tongue::Fpm | Tongue::PhpIni | Tongue::Other => PHP,
    };
    if let (Tongue::Nginx, Some(values)) = (tongue, added) {
        let values = values.join(&b' ');
        let may = |(known, value): &(&str, &str)| {
            *known == name && (*value == "*" || value.as_bytes() == values)
        };
        if ADDED_ONLY.iter().any(may) {
            return None;
        }
    }
    let found = table.iter().find(|(pattern, _)| fits(pattern, &name));
    found.map(|(_, power)| *power)
}

/// Whether a name fits a pattern; a star stands for anything, also nothing.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('*').collect();
    let (last, middle) = parts.split_last().unwrap_or((&"", &[]));
    for part in middle {
        match name.find(part) {
            Some(at) => name = &name[at + part.len()..],
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{Power, fits, power};
    use crate::papers::Tongue;

    #[test]
    fn stars() {
        for (pattern, name) in [
            ("*_pass", "fastcgi_pass"),
            ("js_*", "js_set"),
            ("*lua*", "content_by_lua_block"),
            ("*ssl_*_file", "proxy_ssl_password_file"),
            ("include", "include"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*_pass", "fastcgi_pass_request"),
            ("js_*", "j"),
            ("include", "includes"),
            ("*ssl_*_file", "ssl_file"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn the_dangerous_ones() {
        for name in [
            "proxy_pass",
            "fastcgi_pass",
            "uwsgi_pass",
            "grpc_pass",
            "include",
            "load_module",
            "content_by_lua_block",
            "js_content",
            "perl",
            "perl_modules",
            "root",
            "access_log",
            "mirror",
            "return",
            "rewrite",
            "resolver",
            "auth_basic",
            "ssl_certificate_key",
            "fastcgi_param",
            "sub_filter",
            "proxy_set_header",
            "allow",
            "user",
            "server",
        ] {
            let found = power(Tongue::Nginx, name.as_bytes(), None);
            assert!(found.is_some(), "{name}");
        }
        for name in [
            "auto_prepend_file",
            "sendmail_path",
            "extension",
            "disable_functions",
            "open_basedir",
            "session.save_path",
            "env",
            "listen",
            "listen.mode",
            "user",
            "include",
            "slowlog",
        ] {
            for tongue in [Tongue::Fpm, Tongue::PhpIni] {
                assert!(power(tongue, name.as_bytes(), None).is_some(), "{name}");
            }
        }
        for name in [
            "fastcgi_read_timeout",
            "client_max_body_size",
            "server_tokens",
            "add_header",
            "fastcgi_buffers",
            "keepalive_timeout",
            "ssl_protocols",
            "fastcgi_next_upstream",
        ] {
            assert_eq!(power(Tongue::Nginx, name.as_bytes(), None), None, "{name}");
        }
        for name in [
            "pm.max_children",
            "request_terminate_timeout",
            "max_execution_time",
        ] {
            assert_eq!(power(Tongue::Fpm, name.as_bytes(), None), None, "{name}");
        }
    }

    #[test]
    fn a_door_may_be_closed() {
        let all: &[Vec<u8>] = &[b"all".to_vec()];
        assert_eq!(power(Tongue::Nginx, b"deny", Some(all)), None);
        assert_eq!(power(Tongue::Nginx, b"deny", None), Some(Power::Guards));
        assert_eq!(
            power(Tongue::Nginx, b"allow", Some(all)),
            Some(Power::Guards)
        );
    }
}
