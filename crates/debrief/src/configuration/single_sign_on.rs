//! Single sign-on by settings: for installations that are set up by files and the environment alone.

use crate::failure::Failure;
use app::provider::{Configured, Provider, SCOPES, let_others_be, name_groups};
use clap::Args;
use domain::{group_roles::GroupRoles, person::Role};
use std::path::PathBuf;

/// What may be said of it. Without an issuer nothing is, and administrators set it on a page.
#[derive(Debug, Clone, Default, Args)]
pub struct SingleSignOn {
    /// The provider of single sign-on, exactly as it names itself [default: set under Settings].
    #[arg(long, value_name = "URL", env = "DEBRIEF_SINGLE_SIGN_ON_ISSUER")]
    pub single_sign_on_issuer: Option<String>,
    /// What the provider calls this place.
    #[arg(long, value_name = "ID", env = "DEBRIEF_SINGLE_SIGN_ON_CLIENT")]
    pub single_sign_on_client: Option<String>,
    /// The client secret; a file or the environment keeps it from others on the machine.
    #[arg(long, value_name = "SECRET", env = "DEBRIEF_SINGLE_SIGN_ON_SECRET", hide_env_values = true)]
    pub single_sign_on_secret: Option<String>,
    /// A file that holds the client secret and nothing else.
    #[arg(long, value_name = "FILE", env = "DEBRIEF_SINGLE_SIGN_ON_SECRET_FILE")]
    pub single_sign_on_secret_file: Option<PathBuf>,
    /// What people call the provider [default: single sign-on].
    #[arg(long, value_name = "NAME", env = "DEBRIEF_SINGLE_SIGN_ON_LABEL")]
    pub single_sign_on_label: Option<String>,
    /// What is asked for beside openid [default: profile email].
    #[arg(long, value_name = "SCOPES", env = "DEBRIEF_SINGLE_SIGN_ON_SCOPES")]
    pub single_sign_on_scopes: Option<String>,
    /// The claim that lists groups [default: groups].
    #[arg(long, value_name = "CLAIM", env = "DEBRIEF_SINGLE_SIGN_ON_GROUPS_CLAIM")]
    pub single_sign_on_groups_claim: Option<String>,
    /// Which role a group gives, for instance administrator=leads,member=engineering [default: none].
    #[arg(long, value_name = "ROLE=GROUP", env = "DEBRIEF_SINGLE_SIGN_ON_GROUPS", value_delimiter = ',')]
    pub single_sign_on_groups: Option<Vec<String>>,
    /// The role of everybody else, reader or member [default: they stay outside].
    #[arg(long, value_name = "ROLE", env = "DEBRIEF_SINGLE_SIGN_ON_OTHERS")]
    pub single_sign_on_others: Option<String>,
    /// Whether people whom nobody here knows get an account when they sign in [default: false].
    #[arg(long, value_name = "true|false", env = "DEBRIEF_SINGLE_SIGN_ON_NEWCOMERS")]
    pub single_sign_on_newcomers: Option<bool>,
    /// Whether nothing else opens accounts [default: false].
    #[arg(long, value_name = "true|false", env = "DEBRIEF_SINGLE_SIGN_ON_ONLY")]
    pub single_sign_on_only: Option<bool>,
}

impl SingleSignOn {
    /// This where it says something, and `other` elsewhere. A secret given here takes the place of either kind there.
    pub fn or(self, other: Self) -> Self {
        let here = self.single_sign_on_secret.is_some() || self.single_sign_on_secret_file.is_some();
        let there =
            if here { (None, None) } else { (other.single_sign_on_secret, other.single_sign_on_secret_file) };
        Self {
            single_sign_on_issuer: self.single_sign_on_issuer.or(other.single_sign_on_issuer),
            single_sign_on_client: self.single_sign_on_client.or(other.single_sign_on_client),
            single_sign_on_secret: self.single_sign_on_secret.or(there.0),
            single_sign_on_secret_file: self.single_sign_on_secret_file.or(there.1),
            single_sign_on_label: self.single_sign_on_label.or(other.single_sign_on_label),
            single_sign_on_scopes: self.single_sign_on_scopes.or(other.single_sign_on_scopes),
            single_sign_on_groups_claim: self
                .single_sign_on_groups_claim
                .or(other.single_sign_on_groups_claim),
            single_sign_on_groups: self.single_sign_on_groups.or(other.single_sign_on_groups),
            single_sign_on_others: self.single_sign_on_others.or(other.single_sign_on_others),
            single_sign_on_newcomers: self.single_sign_on_newcomers.or(other.single_sign_on_newcomers),
            single_sign_on_only: self.single_sign_on_only.or(other.single_sign_on_only),
        }
    }

    /// The provider, if an issuer is named.
    pub fn provider(self) -> Result<Option<Configured>, Failure> {
        let Some(issuer) = self.single_sign_on_issuer.clone() else {
            let silent = self.single_sign_on_client.is_none()
                && self.single_sign_on_secret.is_none()
                && self.single_sign_on_secret_file.is_none()
                && self.single_sign_on_only.is_none()
                && self.single_sign_on_groups.is_none();
            return if silent {
                Ok(None)
            } else {
                Err(Failure::new(
                    "Single sign-on is set without single_sign_on_issuer, the address of the provider.",
                ))
            };
        };
        let Some(client) = self.single_sign_on_client.clone() else {
            return Err(Failure::new(
                "single_sign_on_issuer is set, but not single_sign_on_client, what it calls this place.",
            ));
        };
        let secret = self.secret()?;
        let mut roles = GroupRoles::default();
        let groups = self.single_sign_on_groups.unwrap_or_default();
        for role in Role::ALL {
            let mut of = String::new();
            for one in &groups {
                let (key, group) = one.split_once('=').unwrap_or(("", one));
                let named = Role::from_key(key.trim()).ok_or_else(|| {
                    Failure::new(format!(
                        "“{one}” in single_sign_on_groups is no ROLE=GROUP, such as member=engineering."
                    ))
                })?;
                if named == role {
                    of.push_str(group);
                    of.push('\n');
                }
            }
            name_groups(&mut roles, role, &of)?;
        }
        let others = self.single_sign_on_others.unwrap_or_default();
        if !others.is_empty() && Role::from_key(&others).is_none() {
            return Err(Failure::new(format!(
                "“{others}” in single_sign_on_others is no role; reader and member are."
            )));
        }
        let_others_be(&mut roles, &others)?;
        let provider = Provider {
            label: self.single_sign_on_label.unwrap_or_else(|| "single sign-on".into()),
            issuer,
            client,
            scopes: self.single_sign_on_scopes.unwrap_or_else(|| SCOPES.into()),
            groups_claim: self.single_sign_on_groups_claim.unwrap_or_else(|| "groups".into()),
            roles,
            newcomers: self.single_sign_on_newcomers.unwrap_or(false),
            other_ways: !self.single_sign_on_only.unwrap_or(false),
            revision: 0,
        };
        Ok(Some(Configured { provider, secret }))
    }

    fn secret(&self) -> Result<String, Failure> {
        let secret = match (&self.single_sign_on_secret, &self.single_sign_on_secret_file) {
            (Some(secret), None) => secret.clone(),
            (None, Some(path)) => std::fs::read_to_string(path).map_err(|error| {
                Failure::new(format!(
                    "The file of single_sign_on_secret_file, {}, cannot be read: {error}.",
                    path.display()
                ))
            })?,
            (Some(_), Some(_)) => {
                return Err(Failure::new(
                    "Give single_sign_on_secret or single_sign_on_secret_file, not both.",
                ));
            }
            (None, None) => String::new(),
        };
        let secret = secret.trim().to_owned();
        if secret.is_empty() || secret.len() > 1_000 {
            return Err(Failure::new(
                "single_sign_on_issuer is set, and needs a client secret of 1 to 1,000 characters: single_sign_on_secret, or single_sign_on_secret_file.",
            ));
        }
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> SingleSignOn {
        SingleSignOn {
            single_sign_on_issuer: Some("https://id.larkfare.example".into()),
            single_sign_on_client: Some("debrief".into()),
            single_sign_on_secret: Some(" canary \n".into()),
            ..SingleSignOn::default()
        }
    }

    #[test]
    fn what_is_said_becomes_a_provider_and_the_rest_has_defaults() {
        assert!(SingleSignOn::default().provider().unwrap().is_none());
        let plain = whole().provider().unwrap().unwrap();
        assert_eq!((plain.secret.as_str(), plain.provider.label.as_str()), ("canary", "single sign-on"));
        assert!(plain.provider.other_ways && !plain.provider.newcomers && !plain.provider.roles.decide());
        assert!(!format!("{plain:?}").contains("canary"));
        let groups = ["administrator=leads", "member=Sea=Air", "member=sre"].map(str::to_owned).to_vec();
        let more = SingleSignOn {
            single_sign_on_groups: Some(groups),
            single_sign_on_others: Some("reader".into()),
            single_sign_on_only: Some(true),
            ..whole()
        };
        let more = more.provider().unwrap().unwrap().provider;
        assert_eq!(more.roles.of(Role::Member), ["Sea=Air", "sre"]);
        assert_eq!((more.roles.others(), more.other_ways), (Some(Role::Reader), false));
    }

    #[test]
    fn what_is_missing_or_odd_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "from a file\n").unwrap();
        let of_file = SingleSignOn {
            single_sign_on_secret: None,
            single_sign_on_secret_file: Some(path.clone()),
            ..whole()
        };
        assert_eq!(of_file.clone().provider().unwrap().unwrap().secret, "from a file");
        let odd: [(SingleSignOn, &str); 8] = [
            (SingleSignOn { single_sign_on_issuer: None, ..whole() }, "without single_sign_on_issuer"),
            (SingleSignOn { single_sign_on_client: None, ..whole() }, "not single_sign_on_client"),
            (SingleSignOn { single_sign_on_secret: None, ..whole() }, "needs a client secret"),
            (SingleSignOn { single_sign_on_secret: Some(" ".into()), ..whole() }, "needs a client secret"),
            (SingleSignOn { single_sign_on_secret_file: Some(path), ..whole() }, "not both"),
            (
                SingleSignOn { single_sign_on_secret_file: Some(folder.path().join("no")), ..of_file },
                "cannot be read",
            ),
            (
                SingleSignOn { single_sign_on_groups: Some(vec!["owner=x".into()]), ..whole() },
                "no ROLE=GROUP",
            ),
            (SingleSignOn { single_sign_on_others: Some("boss".into()), ..whole() }, "is no role"),
        ];
        for (odd, words) in odd {
            let said = odd.provider().unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
        let boss = SingleSignOn { single_sign_on_others: Some("administrator".into()), ..whole() };
        assert!(boss.provider().is_err(), "not everybody");
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let line = SingleSignOn { single_sign_on_secret: Some("here".into()), ..SingleSignOn::default() };
        let file = SingleSignOn {
            single_sign_on_secret: None,
            single_sign_on_secret_file: Some("nowhere".into()),
            ..whole()
        };
        let both = line.or(file).provider().unwrap().unwrap();
        assert_eq!((both.secret.as_str(), both.provider.client.as_str()), ("here", "debrief"));
    }
}
