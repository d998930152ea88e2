//! `cargo xtask verify`: what takes long and does not decide whether a change may land; at the end a list of what ran.

use crate::{
    bench, fuzz, image,
    process::ending,
    test::{self, StepResult, close},
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
    /// What pages load, and how fast they are.
    Weight,
    /// The steps of `cargo xtask test` that run only when they are named.
    OnRequest,
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
    step(Part::Weight, "weight", &|| weight::verify(options.program.as_deref(), &options.figures));
    step(Part::OnRequest, "tests on request", &test::run_on_request);
    step(Part::Bench, "benchmarks", &|| bench::run(None));
    close(&done)
}
