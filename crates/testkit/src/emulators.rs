//! The emulators that `cargo xtask test` starts.

fn env(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: these tests run under `cargo xtask test`"))
}

/// How to reach ministack with the demo Organization in it.
#[derive(Debug, Clone)]
pub struct Ministack {
    pub url: String,
    pub external_id: String,
    pub key_id: String,
    pub key_secret: String,
}

pub fn ministack() -> Ministack {
    Ministack {
        url: env("CLAVIGER_TEST_MINISTACK"),
        external_id: env("CLAVIGER_TEST_EXTERNAL_ID"),
        key_id: env("CLAVIGER_TEST_KEY_ID"),
        key_secret: env("CLAVIGER_TEST_KEY_SECRET"),
    }
}

pub fn moto_url() -> String {
    env("CLAVIGER_TEST_MOTO")
}
