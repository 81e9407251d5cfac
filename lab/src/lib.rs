//! Scenarios against the real nginx and php-fpm. Nothing here is mocked: a program that is
//! missing fails the test with the command that installs it.

pub mod agent;
pub mod browser;
pub mod collector;
pub mod differential;
pub mod live;
pub mod llm;
pub mod nginx;
pub mod npm;
pub mod php;
pub mod pip;
pub mod program;
pub mod prometheus;
pub mod provider;
pub mod random;
pub mod scratch;
