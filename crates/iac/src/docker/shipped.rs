//! Files of PHP's own sources, as images and packages bring them. The settings that are commented
//! out are in them, because that is what `sed` in Dockerfiles looks for; what explains them is not.
//! `lab/tests/images.rs` compares them with those of Debian's package.

const WWW_CONF: &str = include_str!("shipped/www.conf");
const FPM_CONF: &str = include_str!("shipped/php-fpm.conf");
const PHP_INI: &str = include_str!("shipped/php.ini");

/// `www.conf`; `listen` has whole lines.
pub(super) fn www_conf(user: &str, listen: &str) -> String {
    WWW_CONF
        .replace("@user@", user)
        .replace("@listen@\n", listen)
}

/// `php-fpm.conf`; each of these is a whole line.
pub(super) fn fpm_conf(pid: &str, error_log: &str, include: &str) -> String {
    let lines = FPM_CONF.replace("@pid@", pid);
    let lines = lines.replace("@error_log@", error_log);
    lines.replace("@include@", include)
}

/// `php.ini-production`, or `php.ini-development` when it shows errors. `exposes`: what
/// `expose_php` says.
pub(super) fn php_ini(shows_errors: bool, exposes: bool) -> String {
    let word = |is_on| if is_on { "On" } else { "Off" };
    let text = PHP_INI.replace("@errors@", word(shows_errors));
    text.replace("@expose@", word(exposes))
}
