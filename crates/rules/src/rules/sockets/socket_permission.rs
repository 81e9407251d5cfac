//! nginx may not use the socket of the pool.

use base::source::printable;
use model::accounts::Accounts;
use model::nginx::{Config, ScopeId};
use model::php::Pool;
use model::php::value::fpm_mode;
use model::{Address, Chain};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// nginx's workers may not use the socket of the pool.
    ///
    /// ## Why it matters
    ///
    /// Every request gets 502: "connect() to unix:… failed (13: Permission denied)". The socket belongs to
    /// `listen.owner` and `listen.group` with the bits of `listen.mode`; nginx connects as the `user` of
    /// its workers, which needs the right to write.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// user nginx;
    /// events {}
    /// http {
    ///     server {
    ///         listen 80;
    ///         location ~ \.php$ {
    ///             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///             fastcgi_pass unix:/run/php/php-fpm.sock;
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// user www-data;
    /// events {}
    /// http {
    ///     server {
    ///         listen 80;
    ///         location ~ \.php$ {
    ///             fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///             fastcgi_pass unix:/run/php/php-fpm.sock;
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// Unsafe: sets `listen.group` to a group of nginx's user.
    ///
    /// ## References
    ///
    /// - <https://www.php.net/manual/en/install.fpm.configuration.php#listen-owner>
    /// - `fpm_unix_resolve_socket_permissions` in `sapi/fpm/fpm/fpm_unix.c`
    SOCKET_PERMISSION {
        id: "socket-permission",
        group: "sockets",
        severity: Error,
        fix: Unsafe,
        since: "0.1.0",
        check: check,
    }
}

fn check(cx: &Context<'_>, out: &mut Findings) {
    for chain in cx.chains() {
        let is_unix = matches!(chain.pool.listen_address(), Some(Address::Unix(_)));
        let (true, Some((user, group))) = (is_unix, worker_user(&chain.nginx.config)) else {
            continue;
        };
        let Some(Refused { owner, mode }) = refused(cx, chain, &user, group.as_deref()) else {
            continue;
        };
        let Some(at) = chain.pool.place() else {
            continue;
        };
        let (user, pool) = (printable(&user), chain.pool.shown_name());
        let message = format!(
            "nginx's workers run as `{user}` and may not use the socket of pool `{pool}`, which \
             belongs to {owner} with mode {mode:04o}: every request gets 502"
        );
        let user_at = chain.nginx.config.last(ScopeId(0), "user");
        let mut draft = out
            .report(at, format!("{owner}, {mode:04o}"), message)
            .route(&chain.route.label);
        if let Some(item) = user_at {
            draft = draft.related(chain.nginx.config.span(item), "the user that connects");
        }
        for name in ["listen.owner", "listen.group", "listen.mode"] {
            if let Some(set) = chain.pool.settings.get(name) {
                draft = draft.because(
                    format!("`{name}` is {}", printable(&set.text)),
                    Some(set.span),
                );
            }
        }
        draft.help(format!(
            "set `listen.owner` or `listen.group` of the pool to `{user}`"
        ));
    }
}

/// User and group of nginx's workers; `None` where the default was chosen when nginx was built.
fn worker_user(config: &Config) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let item = config.last(ScopeId(0), "user")?;
    let user = config.word(item, 1)?.into_owned();
    let group = config.word(item, 2).map(std::borrow::Cow::into_owned);
    Some((user, group))
}

struct Refused {
    owner: String,
    mode: u32,
}

/// Who the socket belongs to, when that keeps nginx out for certain.
fn refused(
    cx: &Context<'_>,
    chain: &Chain<'_>,
    user: &[u8],
    group: Option<&[u8]>,
) -> Option<Refused> {
    let pool = chain.pool;
    let has_acl = ["listen.acl_users", "listen.acl_groups"]
        .iter()
        .any(|name| pool.settings.get(name).is_some());
    let mode = mode(pool)?;
    if user == b"root" || has_acl {
        return None;
    }
    let text = |name: &str| match pool.settings.text(name) {
        None => Ok(None),
        Some(Ok(setting)) => Ok(Some(setting.value)),
        Some(Err(_)) => Err(()),
    };
    let owner = text("listen.owner").ok()?;
    let owning_group = text("listen.group").ok()?;
    let owner_name = owner.as_deref().unwrap_or(b"root");
    let group_name = owning_group.as_deref().unwrap_or(b"root");
    let is_member = || match group == Some(group_name) {
        true => Some(true),
        false => is_member(cx.model.accounts.as_ref(), user, group_name),
    };
    // The kernel asks one class only: the owner's, else the group's, else that of all others.
    let (of_group, of_others) = (mode & 0o020 != 0, mode & 0o002 != 0);
    let may_write = match owner_name == user {
        true => mode & 0o200 != 0,
        false if of_group == of_others => of_group,
        false if is_member()? => of_group,
        false => of_others,
    };
    if may_write {
        return None;
    }
    Some(Refused {
        owner: format!("{}:{}", printable(owner_name), printable(group_name)),
        mode,
    })
}

/// `None` when the files do not tell.
fn is_member(accounts: Option<&Accounts>, user: &[u8], group: &[u8]) -> Option<bool> {
    accounts?.is_member(user, group)
}

/// `listen.mode`, 0660 by default.
fn mode(pool: &Pool) -> Option<u32> {
    let text = pool.settings.effective("listen.mode")?.ok()?.value;
    Some(fpm_mode(&text))
}
