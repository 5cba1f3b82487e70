//! Settings: command line before environment before file before default.

pub mod single_sign_on;

use crate::{
    arguments::{Arguments, Command, LogFormat, Serve},
    failure::Failure,
};
use serde::Deserialize;
use single_sign_on::SingleSignOn;
use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

/// The settings in force.
pub struct Configuration {
    /// Where files live.
    pub data_dir: PathBuf,
    /// The database; `None` is SQLite in the data directory.
    pub database_url: Option<String>,
    /// The file with the key for secrets; `None` is `secret.key` in the data directory.
    pub secret_key_file: Option<PathBuf>,
    /// Where to listen.
    pub listen: String,
    /// The address people type, if it differs from where we listen.
    pub public_url: Option<String>,
    /// The largest upload, in bytes.
    pub upload_limit: u64,
    /// Where backups by schedule go.
    pub backup_dir: PathBuf,
    /// How many hours after the one before a backup is made; 0: none is.
    pub backup_every_hours: u32,
    /// How many backups are kept.
    pub backup_keep: usize,
    /// A second place for the record of acts.
    pub audit_stream: Option<PathBuf>,
    /// Whether the address that a proxy in front saw is believed.
    pub behind_proxy: bool,
    /// After how many minutes without use a session ends; 30 or more.
    pub session_idle_minutes: u32,
    /// After how many hours a session ends in any case; 1 or more.
    pub session_hours: u32,
    /// For how many seconds everything goes on after a stop was asked for.
    pub stop_delay_seconds: u16,
    /// The mail server; without it, links are handed over by people. May hold a password.
    pub smtp_url: Option<String>,
    /// Whom letters come from.
    pub mail_from: Option<String>,
    /// Hosts inside the network that may be asked.
    pub outbound_allow: Vec<String>,
    /// How people sign in with a provider, where a server is started.
    pub single_sign_on: Option<app::provider::Configured>,
    /// Whether pages that people link to are fetched once.
    pub snapshot_links: bool,
    /// For how many days webhooks are kept as they came; 0: for good.
    pub keep_deliveries_days: u32,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log: String,
}

/// The file; an unknown setting in it is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    secret_key_file: Option<PathBuf>,
    listen: Option<String>,
    public_url: Option<String>,
    upload_limit: Option<u64>,
    backup_dir: Option<PathBuf>,
    backup_every_hours: Option<u32>,
    backup_keep: Option<usize>,
    audit_stream: Option<PathBuf>,
    behind_proxy: Option<bool>,
    session_idle_minutes: Option<u32>,
    session_hours: Option<u32>,
    stop_delay_seconds: Option<u16>,
    smtp_url: Option<String>,
    mail_from: Option<String>,
    outbound_allow: Option<Vec<String>>,
    single_sign_on_issuer: Option<String>,
    single_sign_on_client: Option<String>,
    single_sign_on_secret: Option<String>,
    single_sign_on_secret_file: Option<PathBuf>,
    single_sign_on_label: Option<String>,
    single_sign_on_scopes: Option<String>,
    single_sign_on_groups_claim: Option<String>,
    single_sign_on_groups: Option<Vec<String>>,
    single_sign_on_others: Option<String>,
    single_sign_on_newcomers: Option<bool>,
    single_sign_on_only: Option<bool>,
    snapshot_links: Option<bool>,
    keep_deliveries_days: Option<u32>,
    log_format: Option<LogFormat>,
    log: Option<String>,
}

impl File {
    /// What it says about single sign-on.
    fn single_sign_on(&self) -> SingleSignOn {
        SingleSignOn {
            single_sign_on_issuer: self.single_sign_on_issuer.clone(),
            single_sign_on_client: self.single_sign_on_client.clone(),
            single_sign_on_secret: self.single_sign_on_secret.clone(),
            single_sign_on_secret_file: self.single_sign_on_secret_file.clone(),
            single_sign_on_label: self.single_sign_on_label.clone(),
            single_sign_on_scopes: self.single_sign_on_scopes.clone(),
            single_sign_on_groups_claim: self.single_sign_on_groups_claim.clone(),
            single_sign_on_groups: self.single_sign_on_groups.clone(),
            single_sign_on_others: self.single_sign_on_others.clone(),
            single_sign_on_newcomers: self.single_sign_on_newcomers,
            single_sign_on_only: self.single_sign_on_only,
        }
    }
}

/// Every variable of the environment that is a setting.
const VARIABLES: [&str; 33] = [
    "DEBRIEF_CONFIG",
    "DEBRIEF_DATA_DIR",
    "DEBRIEF_DATABASE_URL",
    "DEBRIEF_SECRET_KEY_FILE",
    "DEBRIEF_LISTEN",
    "DEBRIEF_PUBLIC_URL",
    "DEBRIEF_UPLOAD_LIMIT",
    "DEBRIEF_BACKUP_DIR",
    "DEBRIEF_BACKUP_EVERY_HOURS",
    "DEBRIEF_BACKUP_KEEP",
    "DEBRIEF_AUDIT_STREAM",
    "DEBRIEF_BEHIND_PROXY",
    "DEBRIEF_SESSION_IDLE_MINUTES",
    "DEBRIEF_SESSION_HOURS",
    "DEBRIEF_STOP_DELAY_SECONDS",
    "DEBRIEF_SMTP_URL",
    "DEBRIEF_MAIL_FROM",
    "DEBRIEF_OUTBOUND_ALLOW",
    "DEBRIEF_SINGLE_SIGN_ON_ISSUER",
    "DEBRIEF_SINGLE_SIGN_ON_CLIENT",
    "DEBRIEF_SINGLE_SIGN_ON_SECRET",
    "DEBRIEF_SINGLE_SIGN_ON_SECRET_FILE",
    "DEBRIEF_SINGLE_SIGN_ON_LABEL",
    "DEBRIEF_SINGLE_SIGN_ON_SCOPES",
    "DEBRIEF_SINGLE_SIGN_ON_GROUPS_CLAIM",
    "DEBRIEF_SINGLE_SIGN_ON_GROUPS",
    "DEBRIEF_SINGLE_SIGN_ON_OTHERS",
    "DEBRIEF_SINGLE_SIGN_ON_NEWCOMERS",
    "DEBRIEF_SINGLE_SIGN_ON_ONLY",
    "DEBRIEF_SNAPSHOT_LINKS",
    "DEBRIEF_KEEP_DELIVERIES_DAYS",
    "DEBRIEF_LOG_FORMAT",
    "DEBRIEF_LOG",
];

impl Configuration {
    /// Puts the settings together.
    pub fn gather(arguments: &Arguments) -> Result<Self, Failure> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        refuse_unknown_variables(names)?;
        let file = match &arguments.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        // What stands in the environment holds for every command: a link that one prints leads to where people are.
        let of_environment;
        let (serve, single_sign_on): (&Serve, _) = match &arguments.command {
            Command::Serve(serve) => {
                (serve.as_ref(), serve.single_sign_on.clone().or(file.single_sign_on()).provider()?)
            }
            _ => {
                of_environment =
                    Serve::of_environment().map_err(|error| Failure::new(error.to_string().trim_end()))?;
                (&of_environment, None)
            }
        };
        let data_dir =
            arguments.data_dir.clone().or(file.data_dir).unwrap_or_else(|| "./debrief-data".into());
        let configuration = Self {
            backup_dir: serve
                .backup_dir
                .clone()
                .or(file.backup_dir)
                .unwrap_or_else(|| data_dir.join("backups")),
            backup_every_hours: serve.backup_every_hours.or(file.backup_every_hours).unwrap_or(0),
            backup_keep: serve.backup_keep.or(file.backup_keep).unwrap_or(14),
            audit_stream: serve.audit_stream.clone().or(file.audit_stream),
            data_dir,
            database_url: arguments.database_url.clone().or(file.database_url),
            secret_key_file: arguments.secret_key_file.clone().or(file.secret_key_file),
            listen: serve.listen.clone().or(file.listen).unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            public_url: serve.public_url.clone().or(file.public_url),
            upload_limit: serve.upload_limit.or(file.upload_limit).unwrap_or(2 << 30),
            behind_proxy: serve.behind_proxy.or(file.behind_proxy).unwrap_or(false),
            session_idle_minutes: serve
                .session_idle_minutes
                .or(file.session_idle_minutes)
                .unwrap_or(14 * 24 * 60),
            session_hours: serve.session_hours.or(file.session_hours).unwrap_or(60 * 24),
            stop_delay_seconds: serve.stop_delay_seconds.or(file.stop_delay_seconds).unwrap_or(0),
            smtp_url: serve.smtp_url.clone().or(file.smtp_url),
            mail_from: serve.mail_from.clone().or(file.mail_from),
            outbound_allow: Some(serve.outbound_allow.clone())
                .filter(|hosts| !hosts.is_empty())
                .or(file.outbound_allow)
                .unwrap_or_default(),
            single_sign_on,
            snapshot_links: serve.snapshot_links.or(file.snapshot_links).unwrap_or(false),
            keep_deliveries_days: serve.keep_deliveries_days.or(file.keep_deliveries_days).unwrap_or(90),
            log_format: arguments.log_format.or(file.log_format).unwrap_or(LogFormat::Text),
            log: arguments.log.clone().or(file.log).unwrap_or_else(|| "info".to_owned()),
        };
        if let Some(url) = &configuration.public_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(Failure::new(format!(
                "The public address “{url}” begins with neither http:// nor https://."
            )));
        }
        if configuration.smtp_url.is_some()
            && (configuration.mail_from.is_none() || configuration.public_url.is_none())
        {
            return Err(Failure::new(
                "smtp_url is set, but mail needs mail_from, whom letters come from, and public_url, where their links lead.",
            ));
        }
        if configuration.session_idle_minutes < 30 || configuration.session_hours == 0 {
            return Err(Failure::new(
                "Sessions last at least an hour (session_hours) and half an hour without use (session_idle_minutes).",
            ));
        }
        if configuration.backup_keep == 0 {
            return Err(Failure::new(
                "backup_keep is 0: at least one backup is kept. For none, set backup_every_hours to 0.",
            ));
        }
        Ok(configuration)
    }

    /// What the application is started with.
    pub fn app_settings(&self) -> app::Settings {
        app::Settings {
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            secret_key_file: self.secret_key_file.clone(),
            sessions: app::sign_in::Lasting {
                idle: domain::instant::Span::minutes(self.session_idle_minutes.into()),
                longest: domain::instant::Span::hours(self.session_hours.into()),
            },
            clock: std::sync::Arc::new(app::clock::MachineClock),
            outside: self.outside(),
        }
    }

    /// What lies outside and may be spoken to.
    fn outside(&self) -> app::Outside {
        let all = (self.smtp_url.clone(), self.mail_from.clone(), self.public_url.clone());
        let mail = match all {
            (Some(smtp_url), Some(from), Some(public_url)) => {
                Some(app::mail::Settings { smtp_url, from, public_url })
            }
            _ => None,
        };
        let inside = app::outbound::Inside::new(self.outbound_allow.clone());
        app::Outside {
            mail,
            inside,
            snapshots: self.snapshot_links,
            certificates: None,
            provider: self.single_sign_on.clone(),
        }
    }

    /// The application over the record.
    pub async fn open(&self) -> Result<app::App, Failure> {
        Ok(app::App::open(self.app_settings()).await?)
    }

    /// How long webhooks are kept as they came, if not for good.
    pub fn deliveries_kept(&self) -> Option<domain::instant::Span> {
        (self.keep_deliveries_days > 0)
            .then(|| domain::instant::Span::days(i64::from(self.keep_deliveries_days)))
    }

    /// When backups are made by themselves, if they are.
    pub fn backups(&self) -> Option<app::backup::Schedule> {
        (self.backup_every_hours > 0).then(|| app::backup::Schedule {
            folder: self.backup_dir.clone(),
            every_hours: self.backup_every_hours,
            keep: self.backup_keep,
        })
    }

    /// The beginning of links that people follow.
    pub fn base_url(&self, listening: &str) -> String {
        self.public_url.clone().map_or_else(
            || format!("http://{}", reached(listening)),
            |url| url.trim_end_matches('/').to_owned(),
        )
    }
}

/// The address that leads there from the machine itself. What listens everywhere (0.0.0.0, as in a container) names no
/// address, and browsers keep passkeys and the clipboard for loopback and https.
fn reached(listening: &str) -> String {
    let Ok(mut address) = listening.parse::<SocketAddr>() else { return listening.to_owned() };
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    address.to_string()
}

/// A mistyped variable would otherwise be ignored in silence.
fn refuse_unknown_variables(names: impl Iterator<Item = String>) -> Result<(), Failure> {
    let mut unknown =
        names.filter(|name| name.starts_with("DEBRIEF_") && !VARIABLES.contains(&name.as_str()));
    match unknown.next() {
        Some(name) => Err(Failure::new(format!(
            "{name} in the environment is no setting of Debrief. Known are: {}.",
            VARIABLES.join(", ")
        ))),
        None => Ok(()),
    }
}

fn read(path: &std::path::Path) -> Result<File, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("The settings file {} cannot be read: {error}.", path.display()))
    })?;
    toml::from_str(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_an_address_that_there_is() {
        for (listening, address) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("127.0.0.1:4711", "127.0.0.1:4711"),
            ("192.0.2.4:80", "192.0.2.4:80"),
            ("localhost:8080", "localhost:8080"),
        ] {
            assert_eq!(reached(listening), address);
        }
    }

    #[test]
    fn the_default_file_names_every_setting_and_nothing_else() {
        let text = include_str!("../debrief.default.toml");
        let uncommented: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => rest,
                _ => line,
            })
            .map(|line| format!("{line}\n"))
            .collect();
        let file: File = toml::from_str(&uncommented).unwrap();
        assert!(
            file.data_dir.is_some()
                && file.database_url.is_some()
                && file.secret_key_file.is_some()
                && file.audit_stream.is_some()
                && file.listen.is_some()
        );
        assert!(file.public_url.is_some() && file.upload_limit == Some(2 << 30));
        assert!(
            file.backup_dir.is_some() && file.backup_every_hours == Some(0) && file.backup_keep == Some(14)
        );
        assert_eq!((file.behind_proxy, file.stop_delay_seconds), (Some(false), Some(0)));
        assert_eq!((file.session_idle_minutes, file.session_hours), (Some(20_160), Some(1_440)));
        assert!(file.smtp_url.is_some() && file.mail_from.is_some() && file.outbound_allow.is_some());
        assert_eq!((file.snapshot_links, file.keep_deliveries_days), (Some(false), Some(90)));
        assert!(file.log_format == Some(LogFormat::Text) && file.log.is_some());
    }

    /// The names that the file may hold, as its reader lists them when it finds another.
    fn names() -> Vec<String> {
        let refused = toml::from_str::<File>("no_such_setting = 1").unwrap_err().to_string();
        let listed = refused.split("expected one of").nth(1).unwrap();
        listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn file_environment_command_line_and_documentation_name_the_same_settings() {
        use clap::CommandFactory as _;
        let names = names();
        assert!(names.len() >= 13, "{names:?}");
        let text = include_str!("../debrief.default.toml");
        let documented: Vec<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# ")?.split_once(" = "))
            .filter(|(key, _)| key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
            .map(|(key, _)| key.to_owned())
            .collect();
        let mut command = Arguments::command();
        command.build();
        let commands = std::iter::once(&command).chain(command.get_subcommands());
        let on_the_line: std::collections::BTreeSet<String> = commands
            .flat_map(|command| command.get_arguments())
            .filter_map(|argument| argument.get_env()?.to_str().map(str::to_owned))
            .collect();
        for name in &names {
            let variable = format!("DEBRIEF_{}", name.to_uppercase());
            assert!(documented.contains(name), "{name} is not in debrief.default.toml");
            assert!(VARIABLES.contains(&variable.as_str()), "{variable} is not known in the environment");
            assert!(on_the_line.contains(&variable), "{name} cannot be given on the command line");
        }
        assert_eq!(documented.len(), names.len(), "the file of defaults says something twice or too much");
        // The file of settings is itself named by a variable.
        assert_eq!(VARIABLES.len(), names.len() + 1);
        assert_eq!(on_the_line.len(), names.len() + 1);
    }

    #[test]
    fn an_unknown_setting_is_an_error() {
        assert!(toml::from_str::<File>("lissten = \"127.0.0.1:1\"").is_err());
        let refused = refuse_unknown_variables(["DEBRIEF_LISTEN".into(), "DEBRIEF_PORT".into()].into_iter());
        assert!(refused.unwrap_err().to_string().contains("DEBRIEF_PORT"));
        assert!(refuse_unknown_variables(["DEBRIEF_LISTEN".into(), "HOME".into()].into_iter()).is_ok());
    }
}
