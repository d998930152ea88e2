//! The app of the hydrated pages.

#[cfg(target_arch = "wasm32")]
mod browser {
    /// Hydrates the page that the server rendered.
    #[wasm_bindgen::prelude::wasm_bindgen]
    pub fn hydrate() {
        console_error_panic_hook::set_once();
        claviger_app::hydrate();
    }
}

fn main() {}
