//! `badgateway refactor` against servers that keep the providers' rules, against a model that
//! means harm, and against a real server with a real (and very small) model.

mod adversary;
mod providers;
mod real;
mod stack;
mod terminal;
mod tls;
