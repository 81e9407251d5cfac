//! Logs as events: nginx's error and access logs, PHP-FPM's log, slow log and access log, PHP's
//! error log, the kernel and systemd.
//!
//! This room is handed blocks of bytes and says what they mean. It opens no file, holds no file,
//! and every line that it reads ends in exactly one counter of [`Counts`].

pub mod access_format;
pub mod event;
mod json;
pub mod nginx_access;
pub mod nginx_error;
mod php;
pub mod time;

pub use event::{Event, Read, Signal};
