//! PHP-FPM's own log of the same incidents: who was killed, by what, and how busy the pools were.

use super::Tally;
use super::incident::{Incident, Kind};
use super::random::Random;
use super::request::{self, Escape};
use super::text::{Stamp, TimeStyle, number, padded};
use super::world::{POOLS, World};

/// PHP-FPM keeps this much of an address and of a query (`fpm_scoreboard.h`, less the NUL).
const URI: usize = 127;
const QUERY: usize = 511;

/// Writes what a failing worker leaves; nothing for what PHP-FPM does not see.
pub(crate) struct FpmLog {
    stamp: Stamp,
    begun: bool,
}

/// What one line is about.
struct Child {
    pool: &'static str,
    process: u64,
}

impl FpmLog {
    pub(crate) fn new() -> Self {
        Self {
            stamp: Stamp::new(TimeStyle::Fpm),
            begun: false,
        }
    }

    pub(crate) fn write(
        &mut self,
        out: &mut Vec<u8>,
        world: &World,
        incident: &Incident,
        tally: &mut Tally,
    ) {
        let mut random = incident.chance(7);
        let child = Child {
            pool: POOLS[world.site(incident.site).pool].name,
            process: random.between(2000, 99_000),
        };
        let mut lines = Lines {
            stamp: self.stamp.at(incident.second()),
            out,
            tally,
        };
        if !self.begun {
            self.begun = true;
            lines.begin();
        }
        match incident.kind {
            Kind::ResetHeader | Kind::ResetBody => {
                lines.death(world, incident, &child, &mut random);
            }
            Kind::TimeoutHeader if random.percent(40) => {
                lines.slow(world, incident, &child, &mut random);
            }
            Kind::TimeoutHeader | Kind::BacklogFull => lines.busy(&child, &mut random),
            Kind::EarlyEof => lines.leaves(&child, "exited with code 0", &mut random),
            Kind::Reload => lines.reload(),
            // Workers are replaced after `pm.max_requests`, whatever else happens.
            _ if random.percent(12) => lines.leaves(&child, "exited with code 0", &mut random),
            _ => {}
        }
    }
}

/// Where the lines of one second go.
struct Lines<'a> {
    stamp: &'a [u8],
    out: &'a mut Vec<u8>,
    tally: &'a mut Tally,
}

impl Lines<'_> {
    fn line(&mut self, level: &str, kind: &'static str, write: impl FnOnce(&mut Vec<u8>)) {
        put(self.out, "[");
        self.out.extend_from_slice(self.stamp);
        put(self.out, "] ");
        put(self.out, level);
        put(self.out, ": ");
        write(self.out);
        put(self.out, "\n");
        self.tally.entry(kind);
    }

    fn notice(&mut self, text: &str) {
        self.line("NOTICE", "notice", |out| put(out, text));
    }

    fn begin(&mut self) {
        self.notice("fpm is running, pid 640");
        self.notice("ready to handle connections");
        self.notice("systemd monitor interval set to 10000ms");
    }

    fn reload(&mut self) {
        self.notice("Reloading in progress ...");
        self.notice(
            "reloading: execvp(\"/usr/sbin/php-fpm8.2\", {\"/usr/sbin/php-fpm8.2\", \
             \"--nodaemonize\", \"--fpm-config\", \"/etc/php/8.2/fpm/php-fpm.conf\"})",
        );
        self.notice("using inherited socket fd=9, \"/run/php/php8.2-fpm.sock\"");
        self.begin();
    }

    /// Half are killed by `request_terminate_timeout`, the others by the kernel or themselves.
    fn death(&mut self, world: &World, incident: &Incident, child: &Child, random: &mut Random) {
        if random.percent(50) {
            if random.percent(30) {
                self.slow(world, incident, child, random);
            }
            self.line("WARNING", "terminated", |out| {
                script(out, world, incident, child);
                put(out, " execution timed out (");
                micros(out, random.between(30_000_000, 146_000_000));
                put(out, " sec), terminating");
            });
            return self.leaves(child, "exited on signal 15 (SIGTERM)", random);
        }
        let how = random.text(&[
            "exited on signal 9 (SIGKILL)",
            "exited on signal 9 (SIGKILL)",
            "exited on signal 11 (SIGSEGV)",
            "exited on signal 11 (SIGSEGV - core dumped)",
            "exited on signal 7 (SIGBUS)",
            "exited on signal 6 (SIGABRT)",
            "exited with code 255",
        ]);
        self.leaves(child, how, random);
    }

    fn slow(&mut self, world: &World, incident: &Incident, child: &Child, random: &mut Random) {
        self.line("WARNING", "slow", |out| {
            script(out, world, incident, child);
            put(out, " executing too slow (");
            micros(out, random.between(5_000_000, 7_000_000));
            put(out, " sec), logging");
        });
        for (before, after) in [
            ("child ", " stopped for tracing"),
            ("about to trace ", ""),
            ("finished trace of ", ""),
        ] {
            self.line("NOTICE", "notice", |out| {
                put(out, before);
                number(out, child.process);
                put(out, after);
            });
        }
    }

    fn busy(&mut self, child: &Child, random: &mut Random) {
        let most = random.between(5, 120);
        if random.percent(60) {
            return self.line("WARNING", "max-children", |out| {
                in_pool(out, child);
                put(out, "server reached pm.max_children setting (");
                number(out, most);
                put(out, "), consider raising it");
            });
        }
        self.line("WARNING", "seems-busy", |out| {
            in_pool(out, child);
            put(
                out,
                "seems busy (you may need to increase pm.start_servers, or \
                 pm.min/max_spare_servers), spawning ",
            );
            number(out, 8 << random.below(3));
            put(out, " children, there are ");
            number(out, random.below(4));
            put(out, " idle, and ");
            number(out, most);
            put(out, " total children");
        });
    }

    /// The end of a worker, and its successor.
    fn leaves(&mut self, child: &Child, how: &str, random: &mut Random) {
        let level = if how.ends_with("code 0") {
            "NOTICE"
        } else {
            "WARNING"
        };
        self.line(level, "exited", |out| {
            in_pool(out, child);
            put(out, "child ");
            number(out, child.process);
            put(out, " ");
            put(out, how);
            put(out, " after ");
            micros(out, random.below(4_000_000_000));
            put(out, " seconds from start");
        });
        self.line("NOTICE", "started", |out| {
            in_pool(out, child);
            put(out, "child ");
            number(out, child.process + random.between(1, 60));
            put(out, " started");
        });
    }
}

fn in_pool(out: &mut Vec<u8>, child: &Child) {
    put(out, "[pool ");
    put(out, child.pool);
    put(out, "] ");
}

/// `[pool www] child 7, script '/var/www/index.php' (request: "GET /index.php?n=6")`
fn script(out: &mut Vec<u8>, world: &World, incident: &Incident, child: &Child) {
    let page = world.page(incident.page);
    in_pool(out, child);
    put(out, "child ");
    number(out, child.process);
    put(out, ", script '");
    put(out, &world.site(incident.site).root);
    put(out, &page.script);
    put(out, "' (request: \"");
    out.extend_from_slice(request::method(incident));
    put(out, " ");
    let begin = out.len();
    put(out, &page.script);
    out.truncate(begin + URI);
    let begin = out.len();
    request::query(out, incident, Escape::Raw);
    out.truncate(begin + 1 + QUERY);
    put(out, "\")");
}

/// `2.216985`
fn micros(out: &mut Vec<u8>, value: u64) {
    number(out, value / 1_000_000);
    put(out, ".");
    padded(out, value % 1_000_000, 6);
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}
