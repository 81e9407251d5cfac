//! The answers of `diagnose`.

mod fixture;
mod json;
mod text;
