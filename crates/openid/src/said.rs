//! What a provider says about somebody, beyond who they are there.

use serde_json::{Map, Value};

/// Groups that are looked at; nobody is in more.
const GROUPS: usize = 10_000;

/// What a provider says about somebody.
#[derive(Clone, PartialEq)]
pub struct Said {
    /// Who they are there, for good.
    pub subject: String,
    /// The session there, if it has a name.
    pub session: Option<String>,
    /// Everything else.
    pub(crate) rest: Map<String, Value>,
}

impl std::fmt::Debug for Said {
    /// What is said about people is in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Said").finish_non_exhaustive()
    }
}

impl Said {
    /// Their mail address, whoever vouches for it.
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// Whether the provider vouches that the address is theirs. `xms_edov` is how Entra says so of its own domains;
    /// some providers say either in words.
    pub fn email_is_verified(&self) -> bool {
        let says_so = |name| match self.rest.get(name) {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::String(text)) => text == "true" || text == "1",
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        };
        says_so("email_verified") || says_so("xms_edov")
    }

    /// What they are called there; the first that is filled in of full name, both names and login.
    pub fn name(&self) -> Option<String> {
        let both = || Some(format!("{} {}", self.text("given_name")?, self.text("family_name")?));
        let login = || self.text("preferred_username").map(str::to_owned);
        self.text("name").map(str::to_owned).or_else(both).or_else(login)
    }

    /// The groups in a claim: a list of names, or one name. `claim` is its name, or leads to it with dots
    /// (`realm_access.roles`). `None` if there is no such claim.
    pub fn groups(&self, claim: &str) -> Option<Vec<String>> {
        let found = self.rest.get(claim).or_else(|| {
            let mut parts = claim.split('.');
            let first = self.rest.get(parts.next()?)?;
            parts.try_fold(first, |value, part| value.get(part))
        })?;
        Some(match found {
            Value::String(one) => vec![one.clone()],
            Value::Array(all) => {
                all.iter().take(GROUPS).filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        })
    }

    /// Adds what was said elsewhere about the same person; what was signed counts first.
    pub fn and(&mut self, other: Self) {
        for (name, value) in other.rest {
            self.rest.entry(name).or_insert(value);
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.rest.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }
}
