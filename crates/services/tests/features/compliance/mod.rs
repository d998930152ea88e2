//! Remediation, exceptions and what is told of findings; over an AWS in memory and a real PostgreSQL.

mod activity;
mod counts;
mod disk_full;
mod evidence;
mod exceptions;
mod fixture;
mod history;
mod news;
mod pipelines;
mod principals;
mod readers;
mod readiness;
mod recipes;
mod remediation;
mod tag_policies;
mod unfinished;
mod variables;
