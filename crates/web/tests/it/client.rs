//! Somebody at a browser, a program with a token, or nobody: "who asks" is the only difference.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use domain::{access::Actor, person::Role};
use testing::Installation;
use tower::ServiceExt;

/// A client of the service.
#[derive(Clone)]
pub struct Client {
    router: Router,
    /// Headers sent with every request.
    pub headers: Vec<(&'static str, String)>,
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    #[track_caller]
    pub fn has(self, words: &str) -> Self {
        assert!(self.text.contains(words), "no “{words}” in {}", self.text);
        self
    }

    #[track_caller]
    pub fn lacks(self, words: &str) -> Self {
        assert!(!self.text.contains(words), "it says “{words}”: {}", self.text);
        self
    }

    #[track_caller]
    pub fn leads_to(self, address: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.header("location")), (303, address), "{}", self.text);
        self
    }
}

pub const HOST: &str = "127.0.0.1:8080";

pub fn service(place: &Installation, settings: &web::Settings) -> Router {
    place.service(|app| web::router(web::State::new(app.clone(), settings.clone())))
}

/// Nobody, at a browser on our own pages.
pub fn nobody(place: &Installation) -> Client {
    let router = service(place, &web::Settings::new(None));
    Client { router, headers: vec![("host", HOST.into()), ("sec-fetch-site", "same-origin".into())] }
}

/// Somebody who just signed in by a link.
pub async fn somebody(place: &Installation, name: &str, role: Role) -> Client {
    place.somebody(name, role).await;
    let email = format!("{}@larkfare.example", name.to_lowercase().replace(' ', "."));
    sign_in(place, &email).await
}

/// The person with that address, signed in by a link.
pub async fn sign_in(place: &Installation, email: &str) -> Client {
    let link =
        app::sign_in::sign_in_link(&place.app, &Actor::installation(), email, 1).await.expect("a link");
    let client = nobody(place);
    let answer = client.post(&format!("/links/{link}"), "").await.leads_to("/incidents");
    client.with_cookie_of(&answer)
}

impl Client {
    pub fn with_cookie_of(&self, answer: &Answer) -> Self {
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or("").to_owned();
        self.with("cookie", &cookie)
    }

    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.without(name);
        client.headers.push((name, value.to_owned()));
        client
    }

    pub fn without(&self, name: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| *known != name);
        client
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let media = "application/x-www-form-urlencoded";
        self.send(Method::POST, path, Some(media), Body::from(form.to_owned())).await
    }

    pub async fn json(&self, method: Method, path: &str, body: &serde_json::Value) -> Answer {
        self.send(method, path, Some("application/json"), Body::from(body.to_string())).await
    }

    /// Sends files as a browser does.
    pub async fn upload(&self, path: &str, files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, bytes) in files {
            let head = format!(
                "--frontier\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--frontier--\r\n");
        self.send(Method::POST, path, Some("multipart/form-data; boundary=frontier"), Body::from(body)).await
    }

    pub async fn send(&self, method: Method, path: &str, media: Option<&str>, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(media) = media {
            request = request.header(header::CONTENT_TYPE, media);
        }
        let request = request.body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.expect("the answer is read");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// The address with this many statements at most, the session's own included.
    pub async fn get_within(&self, path: &str, statements: u64) -> Answer {
        let (answer, count) = app::counting(self.get(path)).await;
        assert!((1..=statements).contains(&count), "{path} took {count} statements");
        answer
    }
}

impl Client {
    /// The same somebody at another service.
    pub fn of(&self, router: Router) -> Self {
        Self { router, headers: self.headers.clone() }
    }
}
