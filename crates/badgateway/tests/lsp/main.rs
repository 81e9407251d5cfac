//! `badgateway lsp` as an editor meets it.

mod client;
mod features;
mod protocol;
