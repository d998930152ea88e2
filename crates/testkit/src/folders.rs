//! Folders of tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder with this name that no other test binary has. Cargo gives all of a workspace the same `CARGO_TARGET_TMPDIR`,
/// and they run at the same time.
#[macro_export]
macro_rules! test_folder {
    ($name:expr) => {
        $crate::folder_of(
            concat!(
                env!("CARGO_TARGET_TMPDIR"),
                "/",
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_CRATE_NAME")
            ),
            $name,
        )
    };
}

/// What [`test_folder!`] calls. The folder is there afterwards, with what an earlier run left in it.
pub fn folder_of(binary: &str, name: &str) -> PathBuf {
    let folder = Path::new(binary).join(name);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

/// Makes the folder look like a built site, with empty files.
pub fn write_site(folder: &Path) {
    let assets = folder.join("assets-test");
    fs::create_dir_all(&assets).expect("a folder for the site");
    fs::write(assets.join("console.js"), "").expect("a file of the site");
    fs::write(folder.join("current"), "assets-test").expect("the name of the assets");
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    fn files(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                found.push((path.display().to_string(), text));
            }
        }
    }

    /// Two tests of the same name in two binaries once shared a folder, which one of them removed.
    #[test]
    fn only_test_folder_names_the_shared_folder() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut sources = Vec::new();
        for folder in ["app", "cli", "crates", "functions", "islands", "server", "xtask/src"] {
            files(&root.join(folder), &mut sources);
        }
        let wrong: Vec<&String> = sources
            .iter()
            .filter(|(file, text)| {
                !file.ends_with("testkit/src/folders.rs") && text.contains("CARGO_TARGET_TMPDIR")
            })
            .map(|(file, _)| file)
            .collect();
        assert!(wrong.is_empty(), "use claviger_testkit::test_folder! in {wrong:?}");
    }
}
