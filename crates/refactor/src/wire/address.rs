//! Where requests may go, and which model names fit into an address.

/// Checks the address that a user gives: https, or http to this machine; no name, password, query
/// or fragment in it.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check_base(base: &str) -> Result<(), String> {
    let (is_secret, rest) = match (base.strip_prefix("https://"), base.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err("an address begins with https:// or http://".to_owned()),
    };
    let authority = rest.split('/').next().unwrap_or_default();
    if rest.contains(['?', '#', '@']) || rest.bytes().any(|b| !b.is_ascii_graphic()) {
        return Err("an address is https://HOST[:PORT][/PATH] and nothing else".to_owned());
    }
    let host = host_of(authority).ok_or("the address names no host")?;
    match is_secret || is_loopback(host) {
        true => Ok(()),
        false => Err(format!(
            "http to {host} would be read by anybody on the way: https is required, except for \
             this machine"
        )),
    }
}

/// The host without the port; a port that is no number is no address.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, behind) = rest.split_once(']')?;
            (host, behind.strip_prefix(':').unwrap_or(behind))
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let is_number = port.is_empty() || port.parse::<u16>().is_ok();
    (!host.is_empty() && is_number).then_some(host)
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Checks the name of a model: it stands in the address of some providers.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check_model(model: &str) -> Result<(), String> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "._:/@-".contains(c);
    let is_path = model.contains("..") || model.starts_with('/');
    match !model.is_empty() && model.len() <= 200 && model.chars().all(is_fine) && !is_path {
        true => Ok(()),
        false => Err("a model's name is of letters, digits and ._:/@-".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_base, check_model};

    #[test]
    fn only_encrypted_or_here() {
        for base in [
            "https://llm.example",
            "https://llm.example:8443/openai/v1",
            "http://127.0.0.1:11434",
            "http://localhost:8080/v1",
            "http://[::1]:8080",
        ] {
            assert_eq!(check_base(base), Ok(()), "{base}");
        }
        for base in [
            "http://llm.example",
            "http://127.0.0.1.evil.example",
            "http://localhost@evil.example",
            "http://localhost.evil.example/",
            "http://10.0.0.1",
            "https://user:pw@llm.example",
            "https://llm.example/?key=1",
            "https://llm.example/#x",
            "https://",
            "https://:443",
            "https://a:b",
            "ftp://llm.example",
            "llm.example",
            "https://llm .example",
        ] {
            assert!(check_base(base).is_err(), "{base}");
        }
    }

    #[test]
    fn model_names() {
        for model in ["m-1.5", "org/name:free", "gemma3:4b", "models/x"] {
            assert_eq!(check_model(model), Ok(()));
        }
        for model in ["", "a b", "a?key=1", "../x", "/x", "a#b", "a\nb"] {
            assert!(check_model(model).is_err(), "{model}");
        }
    }
}
