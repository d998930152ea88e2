//! The migrations and the checked queries' descriptions are part of the binary: a new one is a reason to compile.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
    println!("cargo:rerun-if-changed=.sqlx");
}
