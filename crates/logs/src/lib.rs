//! Logs as events: nginx's error and access logs, PHP-FPM's log, slow log and access log, PHP's
//! error log, the kernel and systemd.
//!
//! This room is handed blocks of bytes and says what they mean. It opens no file and holds none.
//! Every line that it reads is an event, of no interest, or not understood: see [`Read`].

pub mod access_format;
pub mod blocks;
pub mod detect;
pub mod event;
pub mod fpm;
pub mod fpm_access;
pub mod journal;
pub mod json;
pub mod kernel;
pub mod nginx_access;
pub mod nginx_error;
pub mod php;
pub mod scan;
pub mod slow;
pub mod syslog;
pub mod time;
pub mod wrap;

pub use detect::LogKind;
pub use event::{Event, Read, Signal};
