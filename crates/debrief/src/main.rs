//! `debrief`: turns an incident that has ended into a post-mortem that people read, learn from and act on.

mod arguments;
mod commands;
mod configuration;
mod failure;
mod progress;
mod serve;
mod telemetry;

use arguments::{Arguments, Command};
use clap::Parser as _;
use configuration::Configuration;
use failure::Failure;
use std::process::ExitCode;

/// Documents are opened and left by the thousand; this one gives their memory back (docs/decisions/0029).
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("debrief: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let configuration = Configuration::gather(&arguments)?;
    telemetry::start(&configuration);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::system)?;
    runtime.block_on(app::error::carrying_out(async {
        match arguments.command {
            Command::Serve(serving) => serve::run(&configuration, &serving).await,
            Command::Import(import) => commands::import::run(&configuration, import).await,
            Command::Draft(draft) => commands::draft::run(*draft),
            Command::Inspect(inspect) => commands::inspect::run(inspect),
            Command::Metrics(metrics) => commands::metrics::run(metrics),
            Command::Lint(lint) => commands::lint::run(&lint),
            Command::Lsp => commands::lsp::run(),
            Command::Export(export) => commands::export::run(&configuration, export).await,
            Command::User(user) => commands::user::run(&configuration, user).await,
            Command::Token(token) => commands::token::run(&configuration, token).await,
            Command::Backup(backup) => commands::backup::run(&configuration, backup).await,
            Command::Restore(restore) => commands::restore::run(&configuration, restore).await,
            Command::MigrateTo(target) => commands::migrate_to::run(&configuration, target).await,
            Command::Check(check) => commands::check::run(&configuration, check).await,
            Command::Head(head) => commands::head::run(&configuration, head).await,
            Command::Secrets(secrets) => commands::secrets::run(&configuration, secrets).await,
            Command::Settings => commands::settings::run(),
        }
    }))
}
