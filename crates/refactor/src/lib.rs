//! A language model proposes edits, and this room decides.
//!
//! ```text
//! files ─ redact ─► prompt ─► last look ─► Request ┄┄ the caller sends it ┄┄► Answer
//!                                                                             │
//! diff ◄─ restore ◄─ re-check ◄─ placeholders, scope, forbidden ◄─ extract ◄──┘
//! ```
//!
//! What is sent is written from redacted texts alone: the model of the configuration is loaded a
//! second time from them, and what the rules say of it is what the language model is told. Before
//! a request is handed out, its bytes are looked through once more, and it is refused when
//! anything of the map stands in it or the redactor still finds something.
//!
//! An answer is a list of exact replacements and never more than a proposal. It is refused for
//! reasons that can be named; nothing in it is trusted because it reads well.
//!
//! A [`Session`] is driven from outside: it says what to send, and is told what came. Nothing here
//! opens a connection, and no key is ever known here.

mod ask;
mod extract;
mod judge;
mod look;
mod papers;
mod prompt;
mod session;
mod target;
mod told;
mod verdict;
mod wire;

pub use ask::{Ask, World};
pub use extract::Proposal;
pub use judge::{Accepted, Refused, Why};
pub use look::{Refusal, look};
pub use papers::Paper;
pub use session::{Session, Step};
pub use verdict::{Ended, Verdict};
pub use wire::{Header, Reader, Request, Trouble, TroubleKind, Wire, check_base, check_model};
