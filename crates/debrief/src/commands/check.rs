//! `debrief check`: is the record whole?

use crate::{arguments::Check, commands::put, configuration::Configuration, failure::Failure};
use app::checking::{Head, Report};
use std::{fmt::Write as _, path::Path};

/// Goes through everything; what is wrong is named with its remedy, and the status is 1.
pub async fn run(configuration: &Configuration, check: Check) -> Result<(), Failure> {
    let head = check.head.as_deref().map(read).transpose()?;
    let app = configuration.open().await?;
    let own_key = app::checking::own_key(&app);
    let report = app::checking::check(&app, head.as_ref()).await;
    let compared = match &check.against {
        Some(path) => Some(app::checking::against(&app, path).await),
        None => None,
    };
    app.shut_down().await;
    let mut report = report?;
    let mut streamed = String::new();
    if let Some(compared) = compared.transpose()? {
        let held = format!("{} streamed acts and {} signed heads", compared.acts, compared.heads);
        streamed = if compared.faults.is_empty() {
            format!("The record holds {held} as they were streamed.\n")
        } else {
            format!("The record was held against {held}.\n")
        };
        report.faults.extend(compared.faults);
    }
    put((summary(&report, head.as_ref(), own_key) + &streamed).as_bytes(), None)?;
    match report.faults.len() {
        0 => Ok(()),
        1 => Err(Failure::new("The record is not whole: one fault.")),
        faults => Err(Failure::new(format!("The record is not whole: {faults} faults."))),
    }
}

fn read(path: &Path) -> Result<Head, Failure> {
    let text = std::fs::read(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}.", path.display())))?;
    Head::read(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

fn summary(report: &Report, head: Option<&Head>, own_key: Option<[u8; 32]>) -> String {
    let mut text = String::new();
    for fault in &report.faults {
        let _ = writeln!(text, "{}\n  {}", fault.what, fault.remedy);
    }
    if let Some(head) = head
        && own_key != Some(head.key)
    {
        text += "The head was signed with another key than the one in this data directory, as it is after a restore.\n";
    }
    let Report { acts, documents, evidence, versions, faults } = report;
    if faults.is_empty() {
        let _ = writeln!(
            text,
            "The record is whole: {acts} acts, each follows from the one before; {documents} documents can be read; \
             {evidence} pieces of evidence match their sums, and {versions} versions of documents theirs."
        );
        if let Some(head) = head {
            let _ = writeln!(text, "Its first {} acts are those of the head of {}.", head.seq, head.at);
        }
    }
    text
}
