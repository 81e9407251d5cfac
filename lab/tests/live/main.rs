//! Claims of the model and the rules, made to happen on a running nginx in front of a running
//! php-fpm.

mod access;
mod buffers;
mod capacity;
mod fixing;
mod headers;
mod holding;
mod inheritance;
mod layers;
mod matching;
mod observability;
mod php;
mod retries;
mod sockets;
mod stack;
mod timeouts;
mod variables;
