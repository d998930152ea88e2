//! The roles as `infra` renders them, on the emulator that enforces them: each allows every call that Claviger makes, fails
//! without any one of its actions, and allows nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod calls;
mod consumers;
mod member;
mod minus_one;
mod nothing_else;
mod product;
mod variables;
