//! The islands of pages that are HTML.

#[cfg(target_arch = "wasm32")]
mod browser {
    /// Prepares for islands. Each is an export of this program, with the name that the page gives it.
    #[wasm_bindgen::prelude::wasm_bindgen]
    pub fn hydrate() {
        console_error_panic_hook::set_once();
        claviger_islands::hydrate();
    }
}

fn main() {}
