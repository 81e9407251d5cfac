//! `badgateway lsp` as an editor meets it.

mod client;
mod extension;
mod features;
mod protocol;
