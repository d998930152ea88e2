//! `claviger scan` as a person runs it: the built program, an account of the emulator, and a user who may do exactly what the
//! inventory role may.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod account;
mod bad_input;
mod formats;
mod permissions;
