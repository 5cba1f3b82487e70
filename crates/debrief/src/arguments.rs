//! What can be typed after `debrief`.

use crate::configuration::single_sign_on::SingleSignOn;
use clap::{Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use domain::{Instant, TokenId, evidence::Source, incident::IncidentNumber};
use std::path::PathBuf;

/// Turns an incident that has ended into a post-mortem that people read, learn from and act on.
#[derive(Debug, Parser)]
#[command(name = "debrief", version, propagate_version = true)]
pub struct Arguments {
    /// A file with settings; `debrief settings` prints one with every setting and its default.
    #[arg(long, global = true, value_name = "FILE", env = "DEBRIEF_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where files live [default: ./debrief-data].
    #[arg(long, global = true, value_name = "DIR", env = "DEBRIEF_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// The database, for instance postgres://USER@HOST/NAME [default: SQLite in the data directory].
    #[arg(long, global = true, value_name = "URL", env = "DEBRIEF_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The file with the key for secrets [default: secret.key in the data directory].
    #[arg(long, global = true, value_name = "FILE", env = "DEBRIEF_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// How to write the log.
    #[arg(long, global = true, value_name = "FORMAT", env = "DEBRIEF_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What to write to the log, for instance `warn` or `info,web=debug` [default: info].
    #[arg(long, global = true, value_name = "LEVELS", env = "DEBRIEF_LOG")]
    pub log: Option<String>,
    #[command(subcommand)]
    pub command: Command,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the pages and the API.
    Serve(Box<Serve>),
    /// Bring records into this installation; bringing them in twice adds nothing.
    Import(Import),
    /// Draft a post-mortem from exported files, without an installation.
    Draft(Box<Draft>),
    /// Say what files are and what would come of bringing them in, without an installation.
    Inspect(Inspect),
    /// Print key instants, durations and impact of incident files, and hold what is stated against them.
    Metrics(Metrics),
    /// Ask about sentences that close an inquiry, in files and folders, without an installation.
    Lint(Lint),
    /// Serve the same questions to an editor (Language Server Protocol, over standard input and output).
    Lsp,
    /// Write a post-mortem out.
    Export(Export),
    /// Look after people.
    User(User),
    /// Look after API tokens.
    Token(Token),
    /// Write the whole record into one file, also while people work.
    Backup(Backup),
    /// Bring a backup into an installation that is still empty.
    Restore(Restore),
    /// Copy this installation into an empty database of either kind; stop the server first.
    MigrateTo(MigrateTo),
    /// Check that the record is whole: database, chain of acts, documents, evidence.
    Check(Check),
    /// Write down, signed, where the chain of acts stands, to be kept elsewhere for `check --head`.
    Head(Head),
    /// Look after the key under which secrets lie.
    Secrets(Secrets),
    /// Print every setting with its default.
    Settings,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS", env = "DEBRIEF_LISTEN")]
    pub listen: Option<String>,
    /// The address people type, if it differs, for instance https://debrief.example.
    #[arg(long, value_name = "URL", env = "DEBRIEF_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// The largest upload in bytes [default: 2147483648].
    #[arg(long, value_name = "BYTES", env = "DEBRIEF_UPLOAD_LIMIT")]
    pub upload_limit: Option<u64>,
    /// Where backups by schedule go [default: backups in the data directory].
    #[arg(long, value_name = "DIR", env = "DEBRIEF_BACKUP_DIR")]
    pub backup_dir: Option<PathBuf>,
    /// Make a backup every so many hours; 0 for none [default: 0].
    #[arg(long, value_name = "HOURS", env = "DEBRIEF_BACKUP_EVERY_HOURS")]
    pub backup_every_hours: Option<u32>,
    /// How many backups by schedule are kept [default: 14].
    #[arg(long, value_name = "NUMBER", env = "DEBRIEF_BACKUP_KEEP")]
    pub backup_keep: Option<usize>,
    /// A second place for the record of acts: a file that grows, or a named pipe [default: none].
    #[arg(long, value_name = "FILE", env = "DEBRIEF_AUDIT_STREAM")]
    pub audit_stream: Option<PathBuf>,
    /// Whether a proxy stands in front, whose X-Forwarded-For is believed when tries are slowed [default: false].
    #[arg(long, value_name = "true|false", env = "DEBRIEF_BEHIND_PROXY")]
    pub behind_proxy: Option<bool>,
    /// A session ends after so many minutes without use, 30 or more [default: 20160, fourteen days].
    #[arg(long, value_name = "MINUTES", env = "DEBRIEF_SESSION_IDLE_MINUTES")]
    pub session_idle_minutes: Option<u32>,
    /// A session ends after so many hours in any case [default: 1440, sixty days].
    #[arg(long, value_name = "HOURS", env = "DEBRIEF_SESSION_HOURS")]
    pub session_hours: Option<u32>,
    /// For how many seconds all goes on after a stop was asked for, while /readyz says no [default: 0].
    #[arg(long, value_name = "SECONDS", env = "DEBRIEF_STOP_DELAY_SECONDS")]
    pub stop_delay_seconds: Option<u16>,
    /// The mail server, for instance smtps://USER:PASSWORD@mail.example [default: no mail is sent].
    #[arg(long, value_name = "URL", env = "DEBRIEF_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Whom letters come from, for instance "Debrief <debrief@larkfare.example>".
    #[arg(long, value_name = "ADDRESS", env = "DEBRIEF_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Hosts inside the network that may be asked, for instance the identity provider; several with commas.
    #[arg(long, value_name = "HOSTS", env = "DEBRIEF_OUTBOUND_ALLOW", value_delimiter = ',')]
    pub outbound_allow: Vec<String>,
    #[command(flatten)]
    pub single_sign_on: SingleSignOn,
    /// Whether pages that people link to are fetched once, to keep what they say [default: false].
    #[arg(long, value_name = "true|false", env = "DEBRIEF_SNAPSHOT_LINKS")]
    pub snapshot_links: Option<bool>,
    /// For how many days webhooks are kept as they came; what was made of them stays [default: 90, 0 for good].
    #[arg(long, value_name = "DAYS", env = "DEBRIEF_KEEP_DELIVERIES_DAYS")]
    pub keep_deliveries_days: Option<u32>,
    /// Fill an empty installation with the demo stories and print a sign-in link.
    #[arg(long)]
    pub demo: bool,
}

impl Serve {
    /// What the environment says of these settings, for commands that do not serve.
    ///
    /// # Errors
    /// A value that cannot be read.
    pub fn of_environment() -> Result<Self, clap::Error> {
        let command = Self::augment_args(clap::Command::default());
        Self::from_arg_matches(&command.try_get_matches_from(["debrief"])?)
    }
}

/// A product that files come from, by its name; `-` stands for `_`.
fn source(name: &str) -> Result<Source, String> {
    Source::from_key(&name.replace('-', "_")).filter(|source| *source != Source::Debrief).ok_or_else(|| {
        let known = Source::ALL.into_iter().filter(|source| *source != Source::Debrief);
        let known: Vec<String> = known.map(|source| source.key().replace('_', "-")).collect();
        format!("known are: {}", known.join(", "))
    })
}

/// What a file of an import is: records of a product, or who was on call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// Records.
    Records(Source),
    /// On-calls or schedules of PagerDuty, timelines of schedules of Opsgenie (JSON).
    OnCall,
}

/// A product by its name, or `oncall`.
fn brought(name: &str) -> Result<Brought, String> {
    match name {
        "oncall" => Ok(Brought::OnCall),
        name => source(name).map(Brought::Records).map_err(|known| format!("{known}, oncall")),
    }
}

#[derive(Debug, Args)]
pub struct Import {
    /// Where the files come from: pagerduty, slack, opsgenie, alertmanager, grafana, datadog, sentry, statuspage,
    /// github, cloudwatch, google-cloud, jira, transcript, calendar, json, csv or file; oncall for schedules.
    #[arg(value_parser = brought)]
    pub source: Brought,
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Into this incident, for instance INC-12; without it each incident of the source becomes one of its own.
    #[arg(long, value_name = "INCIDENT")]
    pub incident: Option<IncidentNumber>,
    /// The service that a schedule is for, may be given several times; without it the schedule's name is the
    /// service's.
    #[arg(long, value_name = "NAME")]
    pub service: Vec<String>,
    #[command(flatten)]
    pub window: Window,
    #[command(flatten)]
    pub reading: Reading,
}

/// What the files themselves do not say.
#[derive(Debug, Args)]
pub struct Reading {
    /// Which columns of a table hold what, for instance time=When,text=2,author=Who: names or numbers from 1; also kind,
    /// service, url and id [default: what the names suggest].
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// The zone of times in a table that name none, for instance Europe/Vienna [default: UTC].
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// In a table, 04/05/2026 is the fourth of May.
    #[arg(long)]
    pub day_first: bool,
    /// When the recording of a transcript began, if it does not say so itself.
    #[arg(long, value_name = "TIME")]
    pub began: Option<Instant>,
}

/// Which part of a Slack export.
#[derive(Debug, Args)]
pub struct Window {
    /// The channel of the Slack export.
    #[arg(long, value_name = "NAME")]
    pub channel: Option<String>,
    /// Not before, for instance 2026-11-14T05:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Instant>,
    /// Not after.
    #[arg(long, value_name = "TIME")]
    pub to: Option<Instant>,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub struct Inspect {
    /// The files, or folders of JSON files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to print what was found.
    #[arg(long, default_value = "human")]
    pub format: ReportFormat,
}

#[derive(Debug, Args)]
pub struct Metrics {
    /// Incident files (JSON as described by data/schemas/incident.json), or folders of them.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where impact that goes on ends, for instance 2026-11-14T05:00:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    pub now: Option<Instant>,
}

/// Files of every other product.
#[derive(Debug, Args)]
pub struct Others {
    /// Opsgenie alerts, logs, notes, incidents, post-mortems (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub opsgenie: Vec<PathBuf>,
    /// Alertmanager notifications (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub alertmanager: Vec<PathBuf>,
    /// Grafana notifications (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub grafana: Vec<PathBuf>,
    /// Datadog events, notifications, incidents (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub datadog: Vec<PathBuf>,
    /// Sentry issues, events, alerts (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub sentry: Vec<PathBuf>,
    /// Statuspage incidents with their updates (JSON) or history (Atom).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub statuspage: Vec<PathBuf>,
    /// GitHub deployments, releases, pushes, runs, issues (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub github: Vec<PathBuf>,
    /// CloudWatch alarms (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub cloudwatch: Vec<PathBuf>,
    /// Google Cloud Monitoring alerts (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub google_cloud: Vec<PathBuf>,
    /// Jira issues (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub jira: Vec<PathBuf>,
    /// Meeting transcripts (WebVTT).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub transcript: Vec<PathBuf>,
    /// Calendars (iCalendar).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub calendar: Vec<PathBuf>,
    /// Incident files (data/schemas/incident.json).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub json: Vec<PathBuf>,
    /// Tables (CSV).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub csv: Vec<PathBuf>,
    /// Any other files, kept as they came.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub file: Vec<PathBuf>,
}

impl Others {
    /// The files of each product.
    pub fn all(&self) -> [(Source, &[PathBuf]); 15] {
        [
            (Source::Opsgenie, &self.opsgenie),
            (Source::Alertmanager, &self.alertmanager),
            (Source::Grafana, &self.grafana),
            (Source::Datadog, &self.datadog),
            (Source::Sentry, &self.sentry),
            (Source::Statuspage, &self.statuspage),
            (Source::Github, &self.github),
            (Source::Cloudwatch, &self.cloudwatch),
            (Source::GoogleCloud, &self.google_cloud),
            (Source::Jira, &self.jira),
            (Source::Transcript, &self.transcript),
            (Source::Calendar, &self.calendar),
            (Source::Json, &self.json),
            (Source::Csv, &self.csv),
            (Source::File, &self.file),
        ]
    }
}

#[derive(Debug, Args)]
pub struct Draft {
    /// PagerDuty exports (JSON).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub pagerduty: Vec<PathBuf>,
    /// A Slack export (zip).
    #[arg(long, value_name = "ZIP")]
    pub slack: Option<PathBuf>,
    #[command(flatten)]
    pub window: Window,
    #[command(flatten)]
    pub others: Others,
    #[command(flatten)]
    pub reading: Reading,
    /// The incident's id in its source, if the files hold several.
    #[arg(long, value_name = "ID")]
    pub incident: Option<String>,
    /// The headline.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// The template.
    #[arg(long, value_name = "NAME", default_value = app::templates::USUAL)]
    pub template: String,
    /// Where to write the Markdown [default: standard output].
    #[arg(short, long, value_name = "FILE.md")]
    pub output: Option<PathBuf>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindingFormat {
    /// For people: the sentence, a question, and why; the strongest a sentence.
    Human,
    /// An array of every finding; `start` and `end` are bytes of the file.
    Json,
    /// SARIF 2.1.0, for forges.
    Sarif,
}

#[derive(Debug, Args)]
pub struct Lint {
    /// Files, folders of Markdown and text files, or - for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where the texts live: any, timeline, narrative, cause, mitigators, follow-up, idea, account, comment or public
    /// [default: what headings say].
    #[arg(long, value_name = "NAME")]
    pub surface: Option<String>,
    /// How to write what is found.
    #[arg(long, default_value = "human")]
    pub format: FindingFormat,
    /// End with status 1 if a finding is at least a note, a question or strong.
    #[arg(long, value_name = "STRENGTH")]
    pub fail_on: Option<String>,
}

/// A format to write a post-mortem in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// CommonMark with tables.
    Markdown,
    /// One HTML file.
    Html,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The incident of the post-mortem, for instance INC-12.
    pub postmortem: IncidentNumber,
    /// The format.
    #[arg(long, default_value = "markdown")]
    pub format: FormatName,
    /// Where to write it [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    pub act: UserAct,
}

#[derive(Debug, Subcommand)]
pub enum UserAct {
    /// List everybody.
    List,
    /// Invite somebody and print the link for them.
    Invite {
        /// Their name.
        name: String,
        /// Their address.
        email: String,
        /// What they may do: reader, member or administrator.
        #[arg(long, default_value = "member")]
        role: String,
    },
    /// Print a link that signs somebody in once, for instance after a forgotten passphrase.
    Link {
        /// Their address.
        email: String,
        /// For how many hours it is good.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=168))]
        hours: i64,
    },
}

#[derive(Debug, Args)]
pub struct Token {
    #[command(subcommand)]
    pub act: TokenAct,
}

#[derive(Debug, Subcommand)]
pub enum TokenAct {
    /// Make an API token and print it; it cannot be shown again.
    Create {
        /// Whose: a person's address, or the name of a service account.
        #[arg(value_name = "ADDRESS")]
        whose: String,
        /// What it is for.
        label: String,
        /// What it may do at most, for instance read,import [default: all that its owner may].
        #[arg(long, value_name = "LIST")]
        scopes: Option<String>,
        /// After how many days it ends by itself [default: never].
        #[arg(long, value_name = "DAYS")]
        days: Option<i64>,
    },
    /// List tokens: id, label, scopes, last use, end.
    List {
        /// Whose: a person's address, or the name of a service account.
        #[arg(value_name = "ADDRESS")]
        whose: String,
    },
    /// End a token; programs that use it are turned away from now on.
    End {
        /// Whose: a person's address, or the name of a service account.
        #[arg(value_name = "ADDRESS")]
        whose: String,
        /// Its id, as `debrief token list` prints it.
        id: TokenId,
    },
}

#[derive(Debug, Args)]
pub struct Backup {
    /// Where to write it, for instance debrief.zip.
    pub file: PathBuf,
    /// Replace the file if it is there already.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct MigrateTo {
    /// The empty database, for instance postgres://USER@HOST/NAME or sqlite:///DIR/debrief.sqlite.
    pub url: String,
}

#[derive(Debug, Args)]
pub struct Check {
    /// A head that `debrief head` wrote: finds acts that were cut off or written anew since.
    #[arg(long, value_name = "FILE")]
    pub head: Option<PathBuf>,
    /// A file that `audit_stream` wrote: finds acts that were cut off, changed or written anew since.
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Head {
    /// Where to write it [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Secrets {
    #[command(subcommand)]
    pub act: SecretsAct,
}

#[derive(Debug, Subcommand)]
pub enum SecretsAct {
    /// Draw a new key and seal every secret anew under it, also while people work.
    Rotate {
        /// Remove older keys from the file; secrets in backups made until now then open nowhere.
        #[arg(long)]
        forget_older: bool,
        /// For a key that is lost: leave what no key here opens as it is, also where there is no key at all.
        #[arg(long)]
        leave_closed: bool,
    },
}
