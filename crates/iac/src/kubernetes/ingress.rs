//! The Ingress controller of nginx, as the outer link of a chain.
//!
//! An Ingress becomes the nginx configuration that the controller (ingress-nginx) makes of it, as
//! far as limits and addresses go. Its values stand where people write them: in annotations, or in
//! the controller's ConfigMap. Nothing can be edited there: `"60"` is no `60s`.

use base::{FilePath, ProblemKind};

use super::data;
use super::manifest::At;
use super::service::Service;
use super::text::Text;
use super::{Parts, pod, search};
use crate::system::System;

/// Before every annotation of the controller.
const PREFIX: &str = "nginx.ingress.kubernetes.io/";

/// Times in seconds: the annotation's name, which is that in the controller's ConfigMap too, the
/// directive, and the controller's default where that is not nginx's.
const TIMES: [(&str, &str, &str); 3] = [
    ("proxy-connect-timeout", "proxy_connect_timeout", "5s"),
    ("proxy-send-timeout", "proxy_send_timeout", ""),
    ("proxy-read-timeout", "proxy_read_timeout", ""),
];

/// What every request to a FastCGI server brings along (its `fastcgi_params`).
const PARAMS: &str = "fastcgi_param QUERY_STRING $query_string;
fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param CONTENT_TYPE $content_type;
fastcgi_param CONTENT_LENGTH $content_length;
fastcgi_param SCRIPT_NAME $fastcgi_script_name;
fastcgi_param REQUEST_URI $request_uri;
fastcgi_param DOCUMENT_URI $document_uri;
fastcgi_param DOCUMENT_ROOT $document_root;
fastcgi_param SERVER_PROTOCOL $server_protocol;
fastcgi_param REMOTE_ADDR $remote_addr;
fastcgi_param SERVER_NAME $server_name;
";

/// An Ingress.
pub(crate) struct Ingress<'m> {
    at: At<'m>,
    name: &'m str,
    namespace: String,
    annotations: Vec<(&'m str, At<'m>)>,
}

impl<'m> Ingress<'m> {
    /// Of an object; `None` when another controller takes it, as far as that is said.
    pub(crate) fn of(at: At<'m>, name: &'m str, namespace: String) -> Option<Ingress<'m>> {
        let all = at.find(&["metadata", "annotations"]);
        let all = all.map(At::fields).unwrap_or_default();
        let class = all
            .iter()
            .find(|(name, _)| *name == "kubernetes.io/ingress.class");
        let class = class.and_then(|(_, class)| class.text());
        let class = class.or_else(|| at.find(&["spec", "ingressClassName"])?.text());
        let annotations = all
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
        let annotations: Vec<_> = annotations.collect();
        let is_ours = class.is_some_and(|class| class.contains("nginx")) || !annotations.is_empty();
        is_ours.then_some(Ingress {
            at,
            name,
            namespace,
            annotations,
        })
    }

    fn annotation(&self, name: &str) -> Option<(&'m str, At<'m>)> {
        let mut all = self.annotations.iter();
        let (_, value) = all.find(|(known, _)| *known == name)?;
        Some((value.text()?, *value))
    }

    fn paths(&self) -> Vec<Path<'m>> {
        let mut out = Vec::new();
        for rule in self
            .at
            .find(&["spec"])
            .map(|spec| spec.items("rules"))
            .unwrap_or_default()
        {
            let Some(http) = rule.get("http") else {
                continue;
            };
            for path in http.items("paths") {
                let Some(backend) = path.get("backend") else {
                    continue;
                };
                // Before `networking.k8s.io/v1` both stood in the backend itself.
                let service = backend.find(&["service", "name"]);
                let port = backend
                    .find(&["service", "port", "number"])
                    .or_else(|| backend.find(&["service", "port", "name"]))
                    .or_else(|| backend.get("servicePort"));
                let service = service.or_else(|| backend.get("serviceName"));
                let (Some(service), Some(port)) =
                    (service.and_then(At::text), port.and_then(At::text))
                else {
                    continue;
                };
                out.push(Path {
                    host: rule.get("host"),
                    path: path.get("path"),
                    is_exact: path.word("pathType") == Some("Exact"),
                    service,
                    port,
                    at: backend,
                });
            }
        }
        out
    }
}

struct Path<'m> {
    host: Option<At<'m>>,
    path: Option<At<'m>>,
    is_exact: bool,
    service: &'m str,
    port: &'m str,
    at: At<'m>,
}

/// The controllers' machines, one for each Ingress that leads to Services of the files.
pub(crate) fn systems(parts: &Parts<'_>) -> Vec<System> {
    let all = parts.ingresses.iter().zip(1..);
    all.filter_map(|(ingress, number)| system(parts, ingress, number))
        .collect()
}

fn system(parts: &Parts<'_>, ingress: &Ingress<'_>, number: usize) -> Option<System> {
    let mut system = System::default();
    let shown = pod::shown(ingress.at, "Ingress", ingress.name);
    let mut made = Made {
        parts,
        ingress,
        system: &mut system,
        shown: &shown,
    };
    if !made.main() {
        return None;
    }
    let via = format!("{}{shown} (ingress-nginx)", parts.prefix);
    system.machine.shown = via.clone();
    system.machine.via = via;
    system.machine.network = parts.network;
    system.machine.loopback = usize::MAX / 2 - number;
    system.machine.search = search(&ingress.namespace);
    system.machine.is_whole = true;
    Some(system)
}

/// The configuration of one Ingress while it is made.
struct Made<'a, 'm> {
    parts: &'a Parts<'m>,
    ingress: &'a Ingress<'m>,
    system: &'a mut System,
    shown: &'a str,
}

impl<'m> Made<'_, 'm> {
    /// Writes all files; false when it leads nowhere that is known.
    fn main(&mut self) -> bool {
        let at = self.ingress.at;
        let name = at.find(&["metadata", "name"]).unwrap_or(at);
        let mut text = Text::new(name);
        text.add("events {}\nhttp {\nserver_tokens off;\ninclude /etc/nginx/controller.conf;\n");
        let mut any = false;
        for path in self.ingress.paths() {
            let mut services = self.parts.services.iter();
            let is_it = |service: &&Service<'_>| {
                service.name == path.service && service.namespace == self.ingress.namespace
            };
            let Some(service) = services.find(is_it) else {
                continue;
            };
            any |= self.server(&mut text, &path, service);
        }
        text.add("}\n");
        if any {
            self.controller();
            self.snippets();
            self.params();
            self.system
                .files
                .insert("/etc/nginx/fastcgi_params", PARAMS.as_bytes());
            let (text, outer) = text.finish();
            self.system
                .take_inner("/etc/nginx/nginx.conf", &text, outer);
        }
        any
    }

    fn server(&mut self, text: &mut Text<'m>, path: &Path<'m>, service: &Service<'m>) -> bool {
        let Some(port) = service.port(path.port) else {
            self.problem(format!(
                "{}: Service {} has no port {}",
                self.shown, service.name, path.port
            ));
            return false;
        };
        let host = path.host.and_then(At::text).unwrap_or("_");
        let location = path.path.and_then(At::text).unwrap_or("/");
        let is_plain = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_graphic() && !b"{};\"'\\$#".contains(&b))
        };
        let is_regex = self
            .ingress
            .annotation("use-regex")
            .is_some_and(|(text, _)| text == "true")
            || self.ingress.annotation("rewrite-target").is_some();
        let is_quotable = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b))
        };
        let is_known = match is_regex {
            true => is_quotable(location),
            false => is_plain(location),
        };
        if !is_plain(host) || !is_known {
            self.problem(format!(
                "{}: a host or path that cannot be understood",
                self.shown
            ));
            return false;
        }
        text.add("server {\nlisten 80;\n");
        text.value(&format!("server_name {host};\n"), path.host);
        text.add("include /etc/nginx/server-snippet.conf;\n");
        let matcher = match (is_regex, path.is_exact) {
            (true, _) => format!("location ~* \"^{location}\" {{\n"),
            (false, true) => format!("location = {location} {{\n"),
            (false, false) => format!("location {location} {{\n"),
        };
        text.value(&matcher, path.path);
        self.limits(text);
        text.add("include /etc/nginx/snippet.conf;\n");
        let target = format!("{}:{port}", service.host());
        let protocol = self.ingress.annotation("backend-protocol");
        match protocol
            .map(|(text, _)| text.to_ascii_uppercase())
            .as_deref()
        {
            Some("FCGI") => {
                text.add("include /etc/nginx/fastcgi_params;\n");
                if let Some((index, at)) = self.ingress.annotation("fastcgi-index")
                    && is_plain(index)
                {
                    text.value(&format!("fastcgi_index {index};\n"), Some(at));
                }
                if self
                    .ingress
                    .annotation("fastcgi-params-configmap")
                    .is_some()
                {
                    text.add("include /etc/nginx/params-configmap.conf;\n");
                }
                text.value(&format!("fastcgi_pass {target};\n"), Some(path.at));
            }
            Some("GRPC" | "GRPCS") => {
                text.value(&format!("grpc_pass grpc://{target};\n"), Some(path.at));
            }
            _ => {
                text.add("proxy_set_header Host $http_host;\nproxy_http_version 1.1;\n");
                text.value(&format!("proxy_pass http://{target};\n"), Some(path.at));
            }
        }
        text.add("}\n}\n");
        true
    }

    /// What the annotations say of times and sizes.
    fn limits(&mut self, text: &mut Text<'m>) {
        for (name, directive, _) in TIMES {
            let Some((value, at)) = self.ingress.annotation(name) else {
                continue;
            };
            self.limit(text, directive, value, at, is_seconds);
        }
        if let Some((value, at)) = self.ingress.annotation("proxy-body-size") {
            self.limit(text, "client_max_body_size", value, at, is_size);
        }
    }

    fn limit(
        &mut self,
        text: &mut Text<'m>,
        directive: &str,
        value: &str,
        at: At<'m>,
        is_fine: fn(&str) -> bool,
    ) {
        if !is_fine(value) {
            let value = base::source::printable(value.as_bytes());
            self.problem(format!(
                "{}: what `{value}` means for {directive} is not known",
                self.shown
            ));
            return;
        }
        let unit = match directive.ends_with("timeout") && !value.ends_with('s') {
            true => "s",
            false => "",
        };
        text.value(&format!("{directive} {value}{unit};\n"), Some(at));
    }

    /// The controller's own ConfigMap, and its defaults.
    fn controller(&mut self) {
        let is_it = |name: &str| {
            name.ends_with("ingress-nginx-controller") || name == "nginx-configuration"
        };
        let mut all = self.parts.data.iter();
        let found = all.find(|((kind, _, name), _)| *kind == "ConfigMap" && is_it(name));
        let at = found.map(|(_, data)| data.at);
        let own = self.ingress.at;
        let at = at.and_then(|at| Some((at, at.get("data")?)));
        let mut text = Text::new(at.map_or(own, |(_, data)| data));
        for (name, directive, default) in TIMES {
            match at.and_then(|(_, data)| Some((data.word(name)?, data.get(name)?))) {
                Some((value, place)) => self.limit(&mut text, directive, value, place, is_seconds),
                None if !default.is_empty() => text.add(&format!("{directive} {default};\n")),
                None => {}
            }
        }
        let size = at.and_then(|(_, data)| {
            Some((data.word("proxy-body-size")?, data.get("proxy-body-size")?))
        });
        if let Some((value, place)) = size {
            self.limit(&mut text, "client_max_body_size", value, place, is_size);
        }
        let (text, outer) = text.finish();
        self.system
            .take_inner("/etc/nginx/controller.conf", &text, outer);
    }

    /// Directives that people put into annotations: these are files, and can be edited.
    fn snippets(&mut self) {
        for (name, path) in [
            ("configuration-snippet", "/etc/nginx/snippet.conf"),
            ("server-snippet", "/etc/nginx/server-snippet.conf"),
        ] {
            match self.ingress.annotation(name) {
                Some((text, at)) => self.system.take_inner(path, text, data::inner(at)),
                None => self.system.files.insert(path, b"".as_slice()),
            }
        }
    }

    /// The ConfigMap with parameters for FastCGI: `name` or `namespace/name`.
    fn params(&mut self) {
        const PATH: &str = "/etc/nginx/params-configmap.conf";
        let Some((name, _)) = self.ingress.annotation("fastcgi-params-configmap") else {
            return;
        };
        let (namespace, name) = name
            .split_once('/')
            .unwrap_or((&self.ingress.namespace, name));
        let found = self.parts.data(namespace, "ConfigMap", name);
        let at = found.map(|data| data.at).and_then(|at| at.get("data"));
        let Some(at) = at else {
            let name = base::source::printable(name.as_bytes());
            let why = format!("ConfigMap {name} is not in the files");
            return self.system.files.insert_unknown(PATH, why);
        };
        let mut text = Text::new(at);
        for (key, value) in at.fields() {
            let Some(said) = value.text() else { continue };
            let is_fine = |text: &str| !text.contains(['"', '\\', '\n', '\r', '{', '}']);
            let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !is_word(key) || !is_fine(said) {
                self.problem(format!(
                    "{}: a parameter that cannot be understood",
                    found.map_or("", |data| &data.shown)
                ));
                continue;
            }
            text.value(&format!("fastcgi_param {key} \"{said}\";\n"), Some(value));
        }
        let (text, outer) = text.finish();
        self.system
            .take_inner(FilePath::new(PATH).as_bytes(), &text, outer);
    }

    fn problem(&mut self, message: String) {
        let known = (ProblemKind::Unknown, message);
        if !self.system.problems.contains(&known) {
            self.system.problems.push(known);
        }
    }
}

fn is_seconds(text: &str) -> bool {
    let number = text.strip_suffix('s').unwrap_or(text);
    !number.is_empty() && number.len() < 10 && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_size(text: &str) -> bool {
    let number = text.trim_end_matches(['k', 'K', 'm', 'M', 'g', 'G']);
    text.len() - number.len() < 2
        && !number.is_empty()
        && number.len() < 10
        && number.bytes().all(|b| b.is_ascii_digit())
}
