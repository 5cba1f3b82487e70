//! The way from a request to a line (RFC 6455, section 4.2).

use axum::{
    extract::FromRequestParts,
    http::{Request, StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
};
use hyper::upgrade::OnUpgrade;
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade::downcast};
use std::{io, net};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::server::create_response,
        protocol::{Role, WebSocketConfig},
    },
};

/// A browser's line.
pub(crate) type Line = WebSocketStream<TcpStream>;

/// A request that asks to become a line; anything else is refused with 400 (RFC 6455, 4.2.2).
#[derive(Debug)]
pub(crate) struct Upgrade {
    answer: Response,
    promised: OnUpgrade,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let mut asked = Request::new(());
        (*asked.method_mut(), *asked.version_mut()) = (parts.method.clone(), parts.version);
        *asked.headers_mut() = parts.headers.clone();
        let refused = |why: String| (StatusCode::BAD_REQUEST, why).into_response();
        let answer = create_response(&asked).map_err(|error| refused(error.to_string()))?;
        let promised = parts.extensions.remove::<OnUpgrade>();
        let promised = promised.ok_or_else(|| refused("this connection cannot become a socket".into()))?;
        Ok(Self { answer: answer.map(|()| axum::body::Body::empty()), promised })
    }
}

impl Upgrade {
    /// What the browser is to be answered, and what arrives once it was.
    pub(crate) fn accept(self) -> (Response, Accepted) {
        (self.answer, Accepted { promised: self.promised })
    }
}

/// A line that was granted.
#[derive(Debug)]
pub(crate) struct Accepted {
    promised: OnUpgrade,
}

impl Accepted {
    /// The connection, once the answer has left, as belonging to no runtime: whoever opens it carries it.
    pub(crate) async fn arrive(self) -> io::Result<Arrived> {
        let upgraded = self.promised.await.map_err(io::Error::other)?;
        let parts = downcast::<TokioIo<TcpStream>>(upgraded)
            .map_err(|_| io::Error::other("not a connection over TCP"))?;
        Ok(Arrived { stream: parts.io.into_inner().into_std()?, read: parts.read_buf.into() })
    }
}

/// A connection that became a line.
#[derive(Debug)]
pub(crate) struct Arrived {
    stream: net::TcpStream,
    /// What the browser said already.
    read: Vec<u8>,
}

impl Arrived {
    /// Opens the line in the runtime that this is called in.
    pub(crate) async fn open(self, config: WebSocketConfig) -> io::Result<Line> {
        let stream = TcpStream::from_std(self.stream)?;
        Ok(WebSocketStream::from_partially_read(stream, self.read, Role::Server, Some(config)).await)
    }
}
