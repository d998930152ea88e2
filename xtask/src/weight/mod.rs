//! `cargo xtask verify --only weight`: what each page loads, how fast it is, and what one page more costs. Measured in
//! Chromium over the demo, with the browser's part as delivered and an optimized console. e2e/weight measures; this compares
//! with the limits.

mod added_page;
mod measured;
mod report;

use crate::{
    bench,
    process::{catch_signals, free_port},
    setup::{self, unless_stamped},
    shell::{data, root, run, run_quiet, step, which},
    stack::{Purpose, Stack, Tools},
    web,
};
use anyhow::{Context, Result, bail};
use measured::Measured;
use std::{fs, path::Path, process::Command};

const MARK: &str = "<!-- weight -->";

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Figures {
    /// The bytes of scripts and WebAssembly of every route.
    Pages,
    /// From a click to the next page.
    Navigation,
    /// Lighthouse's performance of the main pages.
    Lighthouse,
    /// The browser's files with one page more.
    AddedPage,
}

impl Figures {
    /// Its name for e2e/weight/main.js; none if it needs no running console.
    fn part(self) -> Option<&'static str> {
        match self {
            Self::Pages => Some("pages"),
            Self::Navigation => Some("navigation"),
            Self::Lighthouse => Some("lighthouse"),
            Self::AddedPage => None,
        }
    }
}

/// Measures, and fails with every figure that is over its limit. `program` is a console that is built already; `only` empty
/// measures all figures and writes them to docs/benchmarks.md.
pub fn verify(program: Option<&Path>, only: &[Figures]) -> Result<()> {
    catch_signals()?;
    let all = [Figures::Pages, Figures::Navigation, Figures::Lighthouse, Figures::AddedPage];
    let asked = if only.is_empty() { &all } else { only };
    let folder = data().join("weight");
    fs::create_dir_all(&folder)?;
    let toolchain = setup::wasm::ensure()?;
    let tools = Tools::ensure()?;
    web::build(&toolchain, web::Build::Small)?;
    let mut measured = Measured::default();
    let parts: Vec<&str> = asked.iter().filter_map(|figures| figures.part()).collect();
    if !parts.is_empty() {
        let program = match program {
            Some(program) => std::path::absolute(program)?,
            None => bench::build()?,
        };
        measured = in_browser(&tools, &folder, &program, &parts)?;
    }
    if asked.contains(&Figures::AddedPage) {
        measured.added_page = Some(added_page::measure(&toolchain, &folder)?);
    }
    fs::write(data().join("weight.json"), serde_json::to_vec_pretty(&measured)?)?;
    let report = report::tables(&measured);
    println!("\n{report}");
    if only.is_empty() {
        bench::write(MARK, &report)?;
    }
    let over = measured.over_limits();
    if !over.is_empty() {
        bail!("over the limits:\n  {}", over.join("\n  "));
    }
    Ok(())
}

/// Starts the demo with this console, and measures it in Chromium.
fn in_browser(tools: &Tools, folder: &Path, program: &Path, parts: &[&str]) -> Result<Measured> {
    let chromium = setup::chromium::ensure_whole()?;
    install(folder)?;
    let routes = routes(&fs::read_to_string(root().join("app/src/app.rs"))?);
    let running = folder.join("stack");
    let _ = fs::remove_dir_all(&running);
    fs::create_dir_all(&running)?;
    let stack = Stack::start(tools, &running, free_port()?, program, Purpose::Benchmark)?;
    let out = folder.join("measured.json");
    let _ = fs::remove_file(&out);
    step(&format!("Measuring in Chromium: {}", parts.join(", ")), || {
        measure(tools, &stack, &chromium, &routes, parts, &out)
    })?;
    let text = fs::read_to_string(&out).context("e2e/weight wrote nothing")?;
    serde_json::from_str(&text).context("what e2e/weight wrote")
}

fn measure(
    tools: &Tools,
    stack: &Stack,
    chromium: &Path,
    routes: &[String],
    parts: &[&str],
    out: &Path,
) -> Result<()> {
    run(Command::new(&tools.node)
        .arg(root().join("e2e/weight/main.js"))
        .env("CLAVIGER_URL", stack.url())
        .env("CLAVIGER_CHROMIUM", chromium)
        .env("CLAVIGER_ROUTES", serde_json::to_string(routes)?)
        .env("CLAVIGER_PARTS", parts.join(","))
        .env("CLAVIGER_OUT", out))
}

/// Installs Lighthouse. No other command needs its 110 MB, so it is not among the tools that every test installs.
fn install(folder: &Path) -> Result<()> {
    let here = root().join("e2e/weight");
    let npm = which(&["npm"]).context("npm is missing: install it beside Node.js")?;
    let stamp = folder.join("npm.stamp");
    if !here.join("node_modules").is_dir() {
        let _ = fs::remove_file(&stamp);
    }
    unless_stamped(&stamp, &[&here.join("package-lock.json")], || {
        step("Installing Lighthouse", || {
            let mut command = Command::new(npm);
            run_quiet(command.args(["ci", "--ignore-scripts"]).current_dir(&here)).map(drop)
        })
    })
}

/// The patterns of all routes that show a page, such as `/inventory/:id`.
fn routes(app: &str) -> Vec<String> {
    app.lines()
        .filter(|line| line.trim_start().starts_with("<Route ") && !line.contains("<Redirect"))
        .filter_map(|line| line.split("path!(\"").nth(1)?.split('"').next())
        .filter(|pattern| !pattern.contains('*'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_the_pages_of_the_app() {
        let app = r#"
            <ParentRoute path=path!("") view=Shell ssr=SsrMode::Async>
                <Route path=path!("/") view=|| view! { <Redirect path="/inventory" /> } />
                <Route path=path!("/inventory/:id") view=ResourcePage ssr=SsrMode::Async />
                <Route path=path!("/*any") view=NotFound ssr=SsrMode::Async />"#;
        assert_eq!(routes(app), ["/inventory/:id"]);
        let real = routes(&fs::read_to_string(root().join("app/src/app.rs")).unwrap());
        assert!(real.len() > 20, "{real:?}");
    }
}
