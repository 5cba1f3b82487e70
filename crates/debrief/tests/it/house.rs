//! The whole service on a fresh record, and the clients that come to it.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header, request::Builder},
};
use domain::person::Role;
use serde_json::Value;
use testing::{Database, Fixture, Installation};
use tower::ServiceExt as _;

/// What everybody here chooses.
pub const PASSPHRASE: &str = "eleven wet lanterns";
/// Where the house stands.
pub const HOST: &str = "debrief.example";
const BOUNDARY: &str = "x-part-of-this-upload";

/// An installation of a test's own, with its pages, API and sockets.
pub struct House {
    /// The record behind it and its clock.
    pub place: Installation,
    pub router: Router,
}

impl Fixture for House {
    async fn on(database: &Database) -> Self {
        let place = Installation::on(database).await;
        let router = place.service(|app| web::router(web::State::new(app.clone(), web::Settings::new(None))));
        Self { place, router }
    }
}

impl House {
    /// Somebody who never signed in.
    pub fn anonymous(&self) -> Anonymous {
        Anonymous(self.router.clone())
    }

    /// The first administrator, by the set-up link.
    pub async fn set_up(&self) -> SignedIn {
        let token = app::sign_in::set_up_link(&self.place.app).await.unwrap().expect("nobody is here yet");
        let answers = [
            ("workspace", "Larkfare"),
            ("name", "Ada Lindqvist"),
            ("email", "ada.lindqvist@larkfare.example"),
            ("passphrase", PASSPHRASE),
        ];
        let answer = self.anonymous().post(&format!("/links/{token}"), &answers).await;
        answer.leads_to("/incidents");
        SignedIn { router: self.router.clone(), cookie: answer.cookie() }
    }

    /// Somebody with this role, signed in by a link; the address is made of the name.
    pub async fn somebody(&self, name: &str, role: Role) -> SignedIn {
        let actor = self.place.somebody(name, role).await;
        let email = format!("{}@larkfare.example", name.to_lowercase().replace(' ', "."));
        assert!(actor.person.is_some());
        self.by_link(&email).await
    }

    pub async fn member(&self) -> SignedIn {
        self.somebody("Wren Okafor", Role::Member).await
    }

    pub async fn reader(&self) -> SignedIn {
        self.somebody("Otto Reader", Role::Reader).await
    }

    /// Another browser of somebody who is here.
    pub async fn by_link(&self, email: &str) -> SignedIn {
        let installation = domain::access::Actor::installation();
        let token = app::sign_in::sign_in_link(&self.place.app, &installation, email, 1).await.unwrap();
        let answer = self.anonymous().post(&format!("/links/{token}"), &[]).await;
        answer.leads_to("/incidents");
        SignedIn { router: self.router.clone(), cookie: answer.cookie() }
    }

    /// A program with a token of whoever is signed in.
    pub async fn program_of(&self, somebody: &SignedIn) -> Program {
        let scopes = ["read", "write", "publish", "import", "administer"].map(|scope| ("scopes", scope));
        let form: Vec<(&str, &str)> = scopes.into_iter().chain([("label", "a script")]).collect();
        let page = somebody.post("/settings/tokens", &form).await.ok();
        let text = page.text();
        let start = text.find("dbp_").expect("the token is shown once");
        let end = text[start..].find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).unwrap();
        Program { router: self.router.clone(), token: text[start..start + end].to_owned() }
    }
}

/// Whoever sends requests.
pub trait Client {
    fn router(&self) -> Router;

    /// Adds what says who this is.
    fn sign(&self, request: Builder) -> Builder;

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Sends a form as a page of the house does.
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", encoded(value));
        let body = form.iter().map(pair).collect::<Vec<_>>().join("&");
        let headers =
            [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, &headers, body.into()).await
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
        self.send(method, path, &headers, body.to_string().into()).await
    }

    /// Sends files as a form does.
    async fn upload(&self, path: &str, files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, bytes) in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n"
            );
            body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let headers = [("sec-fetch-site", "same-origin"), ("content-type", kind.as_str())];
        self.send(Method::POST, path, &headers, body.into()).await
    }

    /// Any request.
    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let what = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = self.sign(request).body(body).unwrap();
        let (response, statements) = app::counting(self.router().oneshot(request)).await;
        let (parts, body) = response.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { what, status: parts.status, headers: parts.headers, body, statements }
    }
}

/// Nobody known.
pub struct Anonymous(Router);

/// A browser with a session.
pub struct SignedIn {
    pub router: Router,
    pub cookie: String,
}

/// A program with a token.
pub struct Program {
    pub router: Router,
    pub token: String,
}

impl Client for Anonymous {
    fn router(&self) -> Router {
        self.0.clone()
    }
    fn sign(&self, request: Builder) -> Builder {
        request
    }
}

impl Client for SignedIn {
    fn router(&self) -> Router {
        self.router.clone()
    }
    fn sign(&self, request: Builder) -> Builder {
        request.header(header::COOKIE, &self.cookie)
    }
}

impl Client for Program {
    fn router(&self) -> Router {
        self.router.clone()
    }
    fn sign(&self, request: Builder) -> Builder {
        request.header(header::AUTHORIZATION, format!("Bearer {}", self.token))
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The request, for the words of a failed assertion.
    pub what: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// How many statements the database was given.
    pub statements: u64,
}

impl Answer {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.what, self.text());
        self
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        self.is(200)
    }

    /// Went well and leads on to `to`, whatever it says behind `?` or `#`; gives the whole address.
    #[track_caller]
    pub fn leads_to(&self, to: &str) -> String {
        let location = self.header("location").to_owned();
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}: {}", self.what, self.text());
        assert!(location.starts_with(to), "{} leads to {location}", self.what);
        location
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.text().contains(words), "{} does not say “{words}”: {}", self.what, self.text());
        self
    }

    #[track_caller]
    pub fn does_not_say(self, words: &str) -> Self {
        assert!(!self.text().contains(words), "{} says “{words}”", self.what);
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The session it begins.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// A value of a form or a query.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
