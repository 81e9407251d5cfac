//! The answers of `diagnose`.

mod fixture;
mod html;
mod json;
mod text;
