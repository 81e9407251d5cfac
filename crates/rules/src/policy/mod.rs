//! What a team states of its own numbers: `read-timeout >= terminate-timeout + 10s`.
//!
//! A statement is asked of every route or pool that it is about. It holds, it is broken, or it is
//! not known whether it holds; there is no fourth answer.

mod quantity;
mod verdict;

use std::fmt;

use base::{Bytes, Millis, Setting, Span};

pub use quantity::{Kind, Of, QUANTITIES, Quantity, quantity};
pub use verdict::{Answer, Verdict, answers};

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is about.
    pub quantity: &'static Quantity,
    /// What is demanded of it.
    pub demand: Demand,
    /// Who says so: `badgateway.toml:12`.
    pub from: String,
}

/// What is demanded of a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Somebody set it, and not to "no limit".
    Required,
    /// It relates to something.
    Compared(Relation, Bound),
}

/// How two amounts have to relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `<`
    Below,
    /// `>`
    Above,
}

/// What a quantity is compared with: a value, or another quantity and a value more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The other quantity.
    pub other: Option<&'static Quantity>,
    /// The value, in what its kind is counted in; zero beside a quantity alone.
    pub value: u64,
}

/// An amount in force. No limit is more than every limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Amount {
    /// Milliseconds, bytes or things.
    Of(u64),
    /// No limit.
    Unlimited,
}

impl Amount {
    fn plus(self, more: u64) -> Amount {
        match self {
            Amount::Of(amount) => Amount::Of(amount.saturating_add(more)),
            Amount::Unlimited => Amount::Unlimited,
        }
    }
}

impl Relation {
    /// All, the longer words first, so that `<=` is not read as `<`.
    pub const ALL: [(Relation, &'static str); 5] = [
        (Relation::AtMost, "<="),
        (Relation::AtLeast, ">="),
        (Relation::Equal, "=="),
        (Relation::Below, "<"),
        (Relation::Above, ">"),
    ];

    fn holds(self, left: Amount, right: Amount) -> bool {
        match self {
            Relation::AtMost => left <= right,
            Relation::AtLeast => left >= right,
            Relation::Equal => left == right,
            Relation::Below => left < right,
            Relation::Above => left > right,
        }
    }

    fn word(self) -> &'static str {
        let mut all = Relation::ALL.into_iter();
        all.find(|(one, _)| *one == self)
            .map_or("", |(_, word)| word)
    }
}

impl Kind {
    /// A number of this kind as people write it.
    pub fn show(self, number: u64) -> String {
        match self {
            Kind::Time => Millis(number).to_string(),
            Kind::Size => Bytes(number).to_string(),
            Kind::Count => number.to_string(),
        }
    }

    fn show_amount(self, amount: Amount) -> String {
        match amount {
            Amount::Of(number) => self.show(number),
            Amount::Unlimited => "off (no limit)".to_owned(),
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quantity = self.quantity;
        match &self.demand {
            Demand::Required => write!(f, "{} required", quantity.name),
            Demand::Compared(relation, bound) => {
                write!(f, "{} {} ", quantity.name, relation.word())?;
                let value = quantity.kind.show(bound.value);
                match bound.other {
                    None => f.write_str(&value),
                    Some(other) if bound.value == 0 => f.write_str(other.name),
                    Some(other) => write!(f, "{} + {value}", other.name),
                }
            }
        }
    }
}

impl Statement {
    /// The quantities that it needs.
    fn needs(&self) -> impl Iterator<Item = &'static Quantity> {
        let other = match &self.demand {
            Demand::Required => None,
            Demand::Compared(_, bound) => bound.other,
        };
        std::iter::once(self.quantity).chain(other)
    }
}

/// A value in force, and what the server calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The directive or setting.
    pub name: String,
    /// The amount.
    pub amount: Amount,
    /// The same for people, with its origin.
    pub setting: Setting<String>,
}

impl Value {
    fn new(name: impl Into<String>, kind: Kind, setting: Setting<Amount>) -> Value {
        Value {
            name: name.into(),
            amount: setting.value,
            setting: setting.map(|amount| kind.show_amount(amount)),
        }
    }

    fn place(&self) -> Option<Span> {
        self.setting.origin.span()
    }
}
