//! Texts that most experiments share.

use std::path::Path;

use lab::live::{Texts, load_model};
use rules::Context;

/// All texts of a stack.
pub(crate) fn texts(http: &str, fpm: &str, php_ini: &str) -> Texts {
    Texts {
        http: http.to_owned(),
        fpm: fpm.to_owned(),
        php_ini: php_ini.to_owned(),
        ..Texts::default()
    }
}

/// A server for `shop.example` on nginx's port.
pub(crate) fn server(body: &str) -> String {
    format!(
        "server {{\nlisten 127.0.0.1:@PORT@;\nserver_name shop.example;\nroot @DIR@/www;\n{body}\n}}\n"
    )
}

/// A location that passes to the pool `www`.
pub(crate) fn location(settings: &str) -> String {
    format!(
        "location ~ \\.php$ {{\nfastcgi_param SCRIPT_FILENAME @DIR@/www$fastcgi_script_name;\n\
         fastcgi_param QUERY_STRING $query_string;\nfastcgi_param REQUEST_METHOD $request_method;\n\
         {settings}\nfastcgi_pass unix:@DIR@/www.sock;\n}}\n"
    )
}

/// The pool `www`.
pub(crate) fn fpm(settings: &str) -> String {
    format!(
        "[www]\nuser = www-data\ngroup = www-data\nlisten = @DIR@/www.sock\n\
         listen.owner = www-data\nlisten.group = www-data\npm = static\n{settings}"
    )
}

/// The ids of all findings in a stack's folder.
pub(crate) fn found(dir: &Path) -> Vec<&'static str> {
    let model = load_model(dir);
    let cx = Context::new(&model, true);
    rules::check(&cx).into_iter().map(|f| f.rule).collect()
}
