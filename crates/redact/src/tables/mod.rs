//! What is known of names and tokens: data, and no code that decides.

pub(crate) mod names;
pub(crate) mod tokens;
