//! `cargo xtask verify`: what takes long and does not decide whether a change may land; at the end a list of what ran.

use crate::{
    bench, fuzz, image,
    process::{catch_signals, ending},
    recipes,
    shell::data,
    stack::Tools,
    test::{StepResult, close},
    weight,
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use std::{path::PathBuf, time::Instant};

/// A part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Build the image from nothing; start it, and stop it in the middle of its work.
    Image,
    /// A million random resource policies.
    Fuzz,
    /// Run, compile or validate every recipe of the tab Use it.
    Recipes,
    /// What pages load, and how fast they are.
    Weight,
    /// Measure everything, and write docs/benchmarks.md.
    Bench,
}

#[derive(Args)]
pub struct Options {
    /// Only this part.
    #[arg(long)]
    only: Option<Part>,
    /// Let the image's stages start from what this working copy has compiled.
    #[arg(long)]
    reuse: bool,
    /// Measure the weight of this console, and compile none.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Of the weight, only these figures. They are then not written to docs/benchmarks.md.
    #[arg(long, value_delimiter = ',')]
    figures: Vec<weight::Figures>,
}

pub fn run(options: &Options) -> Result<()> {
    let mut done: Vec<StepResult> = Vec::new();
    let mut step = |part: Part, name: &'static str, work: &dyn Fn() -> Result<()>| {
        if ending() || options.only.is_some_and(|only| only != part) {
            return;
        }
        println!("\n== {name} ==");
        let began = Instant::now();
        let fault = work().err().map(|error| format!("{error:#}"));
        if let Some(fault) = &fault {
            eprintln!("{fault}");
        }
        done.push(StepResult { name, elapsed: began.elapsed(), fault });
    };
    step(Part::Image, "image", &|| image::run(&image::Options::checked(options.reuse)));
    step(Part::Fuzz, "long fuzzing", &|| fuzz::run(&fuzz::Options::long()));
    step(Part::Recipes, "recipes", &|| {
        catch_signals()?;
        recipes::prove(&Tools::ensure()?, &data().join("test/recipes"))
    });
    step(Part::Weight, "weight", &|| weight::verify(options.program.as_deref(), &options.figures));
    step(Part::Bench, "benchmarks", &|| bench::run(None));
    close(&done)
}
