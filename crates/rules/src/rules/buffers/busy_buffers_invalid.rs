//! Buffer sizes that nginx refuses together.

use base::{Bytes, Setting, SortedSet, Span};
use model::nginx::{Buffers, Config, Protocol, ScopeId, ScopeKind};

use crate::rule::rule;
use crate::{Context, Findings};

rule! {
    /// Buffer sizes of nginx contradict each other, and it refuses to start.
    ///
    /// ## Why it matters
    ///
    /// Each value is right by itself; nginx compares them, for every `server` and `location`. With `size` for the
    /// larger of `fastcgi_buffer_size` and one of the `fastcgi_buffers`:
    ///
    /// - `fastcgi_busy_buffers_size` (by default twice `size`) must not be below `size`, nor above all buffers but
    ///   one;
    /// - `fastcgi_temp_file_write_size` must not be below `size`;
    /// - `fastcgi_max_temp_file_size` must be 0 or not below `size`;
    /// - there must be at least 2 `fastcgi_buffers`.
    ///
    /// The classic is `fastcgi_buffer_size 32k` alone, against too big headers: twice 32k do not fit into seven
    /// buffers of 4k. At a reload the old configuration stays in force; at the next start nothing answers. The same
    /// holds for `proxy_`, `uwsgi_` and `scgi_`.
    ///
    /// ## Bad
    ///
    /// ```nginx
    /// fastcgi_buffer_size 32k;
    /// ```
    ///
    /// ## Good
    ///
    /// ```nginx
    /// fastcgi_buffer_size 32k;
    /// fastcgi_buffers 8 32k;
    /// ```
    ///
    /// ## References
    ///
    /// - <https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_busy_buffers_size>
    /// - nginx: `ngx_http_fastcgi_merge_loc_conf` in `src/http/modules/ngx_http_fastcgi_module.c`
    BUSY_BUFFERS_INVALID {
        id: "busy-buffers-invalid",
        group: "buffers",
        severity: Error,
        fix: None,
        since: "0.1.0",
        check: check,
    }
}

/// The modules that have these buffers.
const MODULES: [Protocol; 4] = [
    Protocol::Fastcgi,
    Protocol::Proxy,
    Protocol::Uwsgi,
    Protocol::Scgi,
];

/// What nginx compares.
const NAMES: [&str; 5] = [
    "buffer_size",
    "buffers",
    "busy_buffers_size",
    "temp_file_write_size",
    "max_temp_file_size",
];

fn check(cx: &Context<'_>, out: &mut Findings) {
    for nginx in &cx.model.nginx {
        for protocol in MODULES {
            for scope in scopes(&nginx.config, protocol) {
                if let Some(sizes) = Sizes::of(&nginx.config, scope, protocol) {
                    sizes.report(out);
                }
            }
        }
    }
}

/// The blocks where nginx compares: those with a value of their own. The values of `http` are
/// compared in each `server`, with what that one sets.
fn scopes(config: &Config, protocol: Protocol) -> SortedSet<ScopeId> {
    let names = NAMES.map(|name| protocol.directive(name));
    let set = names.iter().flat_map(|name| config.everywhere(name));
    let mut out: SortedSet<ScopeId> = set.map(|(scope, _)| scope).collect();
    let is_http = |scope: &ScopeId| config.scope(*scope).kind == ScopeKind::Http;
    if let Some(http) = out.iter().copied().find(is_http) {
        out.remove(&http);
        // One server without own values stands for all.
        let plain = config.servers().find(|server| !out.contains(server));
        out.extend(plain);
    }
    out
}

/// The values in force in one block.
struct Sizes {
    protocol: Protocol,
    header: Setting<Bytes>,
    buffers: Setting<Buffers>,
    busy: Option<Setting<Bytes>>,
    write: Option<Setting<Bytes>>,
    temp: Option<Setting<Bytes>>,
}

impl Sizes {
    fn of(config: &Config, scope: ScopeId, protocol: Protocol) -> Option<Sizes> {
        let size = |name: &str| match config.size(scope, &protocol.directive(name)) {
            Ok(setting) => Some(Some(setting)),
            Err(None) => Some(None),
            Err(Some(_)) => None,
        };
        Some(Sizes {
            protocol,
            header: config.header_buffer(scope, protocol).ok()?,
            buffers: config.body_buffers(scope, protocol).ok()?,
            busy: size("busy_buffers_size")?,
            write: size("temp_file_write_size")?,
            temp: size("max_temp_file_size")?,
        })
    }

    /// What `busy`, `write` and `temp` must not be below.
    fn least(&self) -> Bytes {
        self.header.value.max(self.buffers.value.size)
    }

    fn report(&self, out: &mut Findings) {
        let Buffers { number, size } = self.buffers.value;
        if number < 2 {
            let name = self.protocol.directive("buffers");
            let message = format!("nginx refuses to start: `{name}` must be 2 at least");
            let help = format!("`{name} 3 {};`", plain(self.least()));
            return self.say(out, self.buffers.origin.span(), message, Some(help));
        }
        let least = self.least();
        let room = size.times(number - 1);
        let busy = self.busy.as_ref().map(|s| s.value);
        if busy.unwrap_or(least.times(2)) > room {
            return self.too_busy(out, busy, room);
        }
        for (suffix, setting) in [
            ("busy_buffers_size", &self.busy),
            ("temp_file_write_size", &self.write),
            ("max_temp_file_size", &self.temp),
        ] {
            let Some(setting) = setting.as_ref().filter(|s| s.value < least) else {
                continue;
            };
            if suffix == "max_temp_file_size" && setting.value == Bytes(0) {
                continue;
            }
            let (name, value) = (self.protocol.directive(suffix), setting.value);
            let message =
                format!("nginx refuses to start: `{name}` is {value}, below one buffer of {least}");
            return self.say(out, setting.origin.span(), message, None);
        }
    }

    fn too_busy(&self, out: &mut Findings, busy: Option<Bytes>, room: Bytes) {
        let name = self.protocol.directive("busy_buffers_size");
        let buffers = self.protocol.directive("buffers");
        let value = busy.unwrap_or(self.least().times(2));
        let how = match busy {
            Some(_) => "",
            None => ", twice the largest buffer,",
        };
        let message = format!(
            "nginx refuses to start: `{name}` is {value}{how} and must not be above {room}, all \
             `{buffers}` but one"
        );
        let spans = [
            self.busy.as_ref().and_then(|s| s.origin.span()),
            self.header.origin.span(),
            self.buffers.origin.span(),
        ];
        let written = match self.header.value > self.buffers.value.size || busy.is_some() {
            true => spans.into_iter().flatten().next(),
            false => spans[2].or(spans[1]),
        };
        let least = self.least();
        let number = value.0.div_ceil(least.0.max(1)) + 1;
        let help = format!(
            "`{buffers} {} {};`",
            number.max(self.buffers.value.number),
            plain(least)
        );
        self.say(out, written, message, Some(help));
    }

    fn say(&self, out: &mut Findings, at: Option<Span>, message: String, help: Option<String>) {
        let Some(at) = at else { return };
        let name = |suffix: &str| self.protocol.directive(suffix);
        let mut draft = out
            .report(at, "does not fit the others", message)
            .because_of(&name("buffer_size"), &self.header)
            .because_of(&name("buffers"), &self.buffers);
        if let Some(busy) = &self.busy {
            draft = draft.because_of(&name("busy_buffers_size"), busy);
        }
        let help = help
            .unwrap_or_else(|| format!("make it {} or more, or leave it out", plain(self.least())));
        draft.help(help);
    }
}

/// A size as nginx reads it: `Bytes` rounds for people.
fn plain(bytes: Bytes) -> String {
    match bytes.0 {
        n if n % 1024 == 0 => format!("{}k", n / 1024),
        n => n.to_string(),
    }
}
