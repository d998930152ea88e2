//! The roll-out, as docs/roles.md describes it: from an empty Organization, by CloudFormation and then by Terraform, to a
//! first scan, a first grant and a green `claviger check --online`.
//!
//! Two emulators share the proof, because neither can do all of it. moto has Organizations and service-managed stack sets and
//! enforces nothing; ministack enforces roles and trust policies, and has no stack sets. The step prints what is not shown.

mod aws;
mod console;
mod faults;
mod organization;
mod stack_set;
mod terraform;

pub use aws::Aws;

use crate::{
    setup::postgres::{Cluster, Durability},
    shell::step,
    stack::{Emulator, Moto, Tools},
};
use anyhow::{Context, Result};
use organization::EmulatedOrganization;
use std::{path::Path, thread};

const NOT_SHOWN: &str = "\
  What no emulator shows, and only AWS can:
    - the resource AWS::CloudFormation::StackSet itself: moto does not know it. The test creates the stack set from the
      template and the properties of that resource, by the API
    - accounts that join an OU later, or leave it
    - a service-managed stack set that leaves the management account out
    - control policies of the Organization that refuse the roles
    - kms:* and sts:TagSession of the caller: ministack does not evaluate them";

/// `binary` is the built server; `clv` is next to it.
pub fn run(tools: &Tools, folder: &Path, binary: &Path) -> Result<()> {
    let cluster = Cluster::start(&tools.postgres, &folder.join("postgres"), Durability::Lost)?;
    // Terraform waits for the stack set for most of its time: it does so while the first way runs.
    let example = {
        let moto = Moto::start(tools, &folder.join("moto-terraform"))?;
        let tools = tools.clone();
        let folder = folder.join("terraform-example");
        thread::spawn(move || terraform::apply_example(&tools, &folder, &moto))
    };
    step("StackSet template: a stack set by OU (moto), read back from every member", || {
        let moto = Moto::start(tools, &folder.join("moto"))?;
        stack_set::deploy_by_organizational_unit(tools, &moto)
    })?;
    for way in [Way::CloudFormation, Way::Terraform] {
        let folder = folder.join(way.word());
        let emulator = Emulator::start_empty(tools, &folder)?;
        let canary = format!("CANARY{}", way.word());
        let place = step(&format!("{}: an Organization from nothing", way.word()), || {
            EmulatedOrganization::create(tools, &emulator, &canary)
        })?;
        step(&format!("{}: the roles in every account", way.word()), || match way {
            Way::CloudFormation => stack_set::deploy_stacks(tools, &place),
            Way::Terraform => terraform::apply_module(&folder, tools, &place),
        })?;
        let console = console::Console::new(tools, &folder, &cluster, binary, &place, way.word())?;
        step(&format!("{}: claviger check --online", way.word()), || console.check_is_green())?;
        step(&format!("{}: first scan, first grant", way.word()), || {
            console.scan_and_grant(tools, &place)
        })?;
        if way == Way::CloudFormation {
            step("What check --online says of wrong roles", || {
                faults::are_named(tools, &place, &console)
            })?;
        }
    }
    step("Terraform: the example of an Organization (moto)", || {
        example.join().ok().context("the thread of Terraform panicked")?
    })?;
    println!("{NOT_SHOWN}");
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    CloudFormation,
    Terraform,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Terraform => "terraform",
        }
    }
}
