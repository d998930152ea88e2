//! The inventory: its filter, which is also its URL, and what its pages show.

pub mod activity;
pub mod code;
mod cursor;
pub mod entitlement;
mod filters;
mod parser;
mod query;
pub mod recipes;
mod terms;
pub mod vault;
pub mod view;

pub use cursor::Cursor;
pub use filters::{AgeFilter, Exactly, TagFilter, YesNo};
pub use parser::{TYPED, TypedField};
pub use query::{InventoryQuery, retyped};
pub use terms::{Column, Direction, LifeState, OwnerClass, Sort, WorstFinding};
