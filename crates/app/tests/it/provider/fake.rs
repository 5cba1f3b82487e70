//! A provider that answers what a test tells it to.

use app::{
    Outside,
    outbound::Inside,
    provider::{Answer, Change, Going, Provider},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Instant, group_roles::GroupRoles};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use testing::Installation;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What this installation is called there.
pub const CLIENT: &str = "debrief";
/// Its secret there.
pub const SECRET: &str = "canary client secret";
/// Where people come back to.
pub const REDIRECT: &str = "https://debrief.example/sign-in/provider/answer";

/// A provider.
#[derive(Clone)]
pub struct Fake {
    address: SocketAddr,
    said: Arc<Mutex<Said>>,
}

#[derive(Default)]
struct Said {
    /// What it answers at each address.
    pages: HashMap<String, (u16, String)>,
    /// Every request it got, head and body.
    asked: Vec<String>,
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key of that number.
fn pair(n: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[n; 32]).unwrap()
}

impl Fake {
    /// One that describes itself and has a key.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Self { address: listener.local_addr().unwrap(), said: Arc::default() };
        let serving = fake.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(socket));
            }
        });
        fake.describes_itself(&json!({}));
        fake.shows_key(1);
        fake
    }

    async fn serve(self, mut socket: TcpStream) {
        let mut text = Vec::new();
        let mut part = [0; 4096];
        loop {
            let read = socket.read(&mut part).await.unwrap_or(0);
            text.extend_from_slice(&part[..read]);
            let so_far = String::from_utf8_lossy(&text).into_owned();
            let Some((head, body)) = so_far.split_once("\r\n\r\n") else {
                if read == 0 { return } else { continue }
            };
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if read == 0 || body.len() >= length.unwrap_or(0_usize) {
                break;
            }
        }
        let request = String::from_utf8_lossy(&text).into_owned();
        let path = request.split(' ').nth(1).unwrap_or("").to_owned();
        let (status, body) = {
            let mut said = self.said.lock().unwrap();
            said.asked.push(request);
            said.pages.get(&path).cloned().unwrap_or((404, String::new()))
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\nlocation: /elsewhere\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let _ = socket.write_all(head.as_bytes()).await;
        let _ = socket.write_all(body.as_bytes()).await;
    }

    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn answers(&self, path: &str, status: u16, body: impl Into<String>) {
        self.said.lock().unwrap().pages.insert(path.into(), (status, body.into()));
    }

    /// How often an address was asked, and what came last.
    pub fn was_asked(&self, path: &str) -> (usize, String) {
        let said = self.said.lock().unwrap();
        let begins = format!(" {path} ");
        let asked: Vec<_> =
            said.asked.iter().filter(|one| one.lines().next().unwrap_or("").contains(&begins)).collect();
        (asked.len(), asked.last().map_or(String::new(), |one| (*one).clone()))
    }

    /// What it says about itself, with some of it changed; `null` takes it away.
    pub fn describes_itself(&self, changes: &Value) {
        let issuer = self.issuer();
        let own = json!({ "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            "userinfo_endpoint": format!("{issuer}/me"), "end_session_endpoint": format!("{issuer}/end?here") });
        self.answers("/.well-known/openid-configuration", 200, with(own, changes).to_string());
    }

    pub fn shows_key(&self, n: u8) {
        let x = encoded(pair(n).public_key().as_ref());
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": format!("key-{n}") });
        self.answers("/keys", 200, json!({ "keys": [key] }).to_string());
    }

    /// A token signed with the key of that number.
    pub fn token(&self, n: u8, claims: &Value) -> String {
        let head = json!({ "alg": "EdDSA", "kid": format!("key-{n}") });
        let message =
            format!("{}.{}", encoded(head.to_string().as_bytes()), encoded(claims.to_string().as_bytes()));
        format!("{message}.{}", encoded(pair(n).sign(message.as_bytes()).as_ref()))
    }

    /// What it says about somebody who answers a question.
    pub fn claims(&self, going: &Going, now: Instant) -> Value {
        let seconds = now.as_micros() / 1_000_000;
        json!({ "iss": self.issuer(), "aud": CLIENT, "sub": "wren-there", "nonce": asked(going, "nonce"),
            "iat": seconds, "exp": seconds + 300, "sid": "session-1", "name": "Wren Okafor",
            "email": "Wren@Larkfare.example", "email_verified": true })
    }

    /// Hands this out for the next code.
    pub fn grants(&self, claims: &Value) {
        let tokens = json!({ "id_token": self.token(1, claims), "access_token": "canary-access" });
        self.answers("/token", 200, tokens.to_string());
    }

    /// A logout token.
    pub fn farewell(&self, now: Instant, changes: &Value) -> String {
        let seconds = now.as_micros() / 1_000_000;
        let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        let claims = json!({ "iss": self.issuer(), "aud": CLIENT, "iat": seconds, "exp": seconds + 120,
            "jti": "farewell-1", "events": event });
        self.token(1, &with(claims, changes))
    }

    /// How it is set before anybody changes anything.
    pub fn provider(&self) -> Provider {
        Provider {
            label: "Larkfare ID".into(),
            issuer: self.issuer(),
            client: CLIENT.into(),
            scopes: "profile email".into(),
            groups_claim: "groups".into(),
            roles: GroupRoles::default(),
            newcomers: false,
            other_ways: true,
            revision: 0,
        }
    }

    pub fn change(&self) -> Change {
        Change { provider: self.provider(), secret: SECRET.into() }
    }

    /// The installation, which may ask it.
    pub async fn known_to(&self, place: &Installation) -> Installation {
        place.with(Outside { inside: self.inside(), ..Outside::default() }).await
    }

    /// That it may be asked.
    pub fn inside(&self) -> Inside {
        Inside::new([self.address.to_string()])
    }
}

/// An object with some members changed; `null` takes one away.
pub fn with(mut all: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            all.as_object_mut().unwrap().remove(name);
        } else {
            all[name] = value.clone();
        }
    }
    all
}

/// A value of the question that a browser carries.
pub fn asked(going: &Going, name: &str) -> String {
    let url = url::Url::parse(&going.to).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map_or(String::new(), |(_, value)| value.into_owned())
}

/// The answer to it.
pub fn answer_to(going: &Going) -> Answer {
    Answer { code: "a-code".into(), state: asked(going, "state"), ..Answer::default() }
}
