//! The one way out: everything that fetches an address goes through here, so that nobody can make this machine
//! look into the network it stands in (server-side request forgery, OWASP ASVS 12.6.1).
//!
//! Names are resolved here and the connection goes to exactly the address that was judged, so a name that changes
//! its mind between two looks gains nothing. Each redirect is judged like the first address.

mod reach;

use reach::{Guarded, Names, SystemNames, is_public};
use reqwest::{
    Client, Method, StatusCode,
    header::{HeaderMap, LOCATION},
};
use std::{fmt, net::IpAddr, sync::Arc, time::Duration};
use url::{Host, Url};

/// How long one request may take with all of its redirects.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many redirects are followed.
const REDIRECTS: usize = 3;
/// Bytes of an answer that are taken.
const LARGEST: usize = 1 << 20;

/// Hosts inside that may be asked all the same, for instance the company's identity provider: `host` or
/// `host:port`, without a scheme. They may also be asked without TLS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside(Vec<String>);

impl Inside {
    /// From the names in the settings.
    pub fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        Self(hosts.into_iter().map(|host| host.trim().to_ascii_lowercase()).collect())
    }

    fn has(&self, host: &str, port: Option<u16>) -> bool {
        let host = host.to_ascii_lowercase();
        let with_port = port.map(|port| format!("{host}:{port}"));
        self.0.iter().any(|known| *known == host || Some(known) == with_port.as_ref())
    }

    /// Whether any port of `host` may be asked; a resolver is not told the port.
    fn has_name(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.0.iter().any(|known| {
            *known == host || known.strip_prefix(&host).is_some_and(|rest| rest.starts_with(':'))
        })
    }
}

/// A request to somewhere else.
#[derive(Clone)]
pub struct Asked {
    /// GET or POST.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// Headers; may hold secrets.
    pub headers: HeaderMap,
    /// The body; may hold secrets.
    pub body: Vec<u8>,
}

impl Asked {
    /// A plain look at an address.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: Method::GET, url: url.into(), headers: HeaderMap::new(), body: Vec::new() }
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither query, headers nor body: tokens travel in them.
        let address = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("Asked")
            .field("method", &self.method)
            .field("address", &address)
            .finish_non_exhaustive()
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, at most 1 MiB.
    pub body: Vec<u8>,
}

/// Why nothing came back. The text is for the log and for administrators.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No address that can be asked.
    #[error("“{0}” is no web address that can be asked")]
    Address(String),
    /// It is not public and not named in the settings.
    #[error(
        "{0} is inside the network this installation stands in; name it in `outbound_allow` if that is meant"
    )]
    Inside(String),
    /// It sends on and on, or sends a change elsewhere.
    #[error("{0} sends on to somewhere else once too often")]
    Redirects(String),
    /// The answer is longer than what is taken.
    #[error("the answer of {0} is longer than 1 MiB")]
    TooLarge(String),
    /// It took longer than ten seconds.
    #[error("{0} did not answer within ten seconds")]
    Slow(String),
    /// It cannot be reached or broke off.
    #[error("{host} cannot be reached: {cause}")]
    Unreachable {
        /// Which host.
        host: String,
        /// What the system said.
        cause: String,
    },
}

/// The way out. Cloning is cheap and shares connections.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: Client,
    inside: Arc<Inside>,
}

impl Outbound {
    /// With the hosts inside that may be asked.
    ///
    /// # Errors
    /// If the machine's certificates cannot be read.
    pub fn new(inside: Inside) -> Result<Self, Refused> {
        Self::over(inside, Arc::new(SystemNames))
    }

    fn over(inside: Inside, names: Arc<dyn Names>) -> Result<Self, Refused> {
        // Somebody else in this process may have been first; whoever it was chose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let inside = Arc::new(inside);
        let client = Client::builder()
            .dns_resolver(Guarded { names, inside: Arc::clone(&inside) })
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(Duration::from_secs(5))
            .user_agent(concat!("debrief/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Refused::Unreachable { host: "everything".into(), cause: chain(&error) })?;
        Ok(Self { client, inside })
    }

    /// Asks, follows at most three redirects of a GET, and reads the answer whole.
    ///
    /// # Errors
    /// [`Refused`] for what must not or cannot be asked. An answer of any status is an answer.
    pub async fn ask(&self, asked: Asked) -> Result<Answered, Refused> {
        let host = asked.url.split(['?', '#']).next().unwrap_or_default().to_owned();
        let answered = tokio::time::timeout(PATIENCE, self.follow(asked)).await;
        answered.map_err(|_| Refused::Slow(host))?
    }

    async fn follow(&self, asked: Asked) -> Result<Answered, Refused> {
        let mut url = parsed(&asked.url)?;
        let mut headers = asked.headers;
        for _ in 0..=REDIRECTS {
            let host = self.judge(&url)?;
            let request = self.client.request(asked.method.clone(), url.clone()).headers(headers.clone());
            let response =
                request.body(asked.body.clone()).send().await.map_err(|error| unreachable(&host, &error))?;
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let Some(to) = to.filter(|_| response.status().is_redirection()) else {
                return read(&host, response).await;
            };
            if asked.method != Method::GET {
                return Err(Refused::Redirects(host));
            }
            let next = url.join(to).map_err(|_| Refused::Address(to.chars().take(200).collect()))?;
            if next.origin() != url.origin() {
                headers.clear();
            }
            url = next;
        }
        Err(Refused::Redirects(url.host_str().unwrap_or_default().to_owned()))
    }

    /// Whether an address may be asked; its host in words. Names are judged again by what they resolve to.
    fn judge(&self, url: &Url) -> Result<String, Refused> {
        let host = url.host().ok_or_else(|| Refused::Address(url.scheme().to_owned()))?;
        let name = host.to_string();
        let known = self.inside.has(name.trim_matches(['[', ']']), url.port_or_known_default());
        let plain = url.scheme() == "http";
        if !(url.scheme() == "https" || plain && known)
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(Refused::Address(format!("{}://{name}", url.scheme())));
        }
        let address = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        if address.is_some_and(|address| !is_public(address)) && !known {
            return Err(Refused::Inside(name));
        }
        Ok(name)
    }
}

fn parsed(text: &str) -> Result<Url, Refused> {
    Url::parse(text).map_err(|_| Refused::Address(text.chars().take(200).collect()))
}

async fn read(host: &str, mut response: reqwest::Response) -> Result<Answered, Refused> {
    let (status, headers, mut body) = (response.status(), response.headers().clone(), Vec::new());
    while let Some(bytes) = response.chunk().await.map_err(|error| unreachable(host, &error))? {
        if body.len() + bytes.len() > LARGEST {
            return Err(Refused::TooLarge(host.to_owned()));
        }
        body.extend_from_slice(&bytes);
    }
    Ok(Answered { status, headers, body })
}

fn unreachable(host: &str, error: &reqwest::Error) -> Refused {
    let cause = chain(error);
    if cause.contains(reach::INSIDE) {
        return Refused::Inside(host.to_owned());
    }
    Refused::Unreachable { host: host.to_owned(), cause }
}

/// Every cause below the first, which repeats the address with its query.
fn chain(error: &dyn std::error::Error) -> String {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.join(": ")
}

#[cfg(test)]
mod tests;
