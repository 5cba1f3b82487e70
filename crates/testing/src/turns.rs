//! Several nodes behind one address, as a proxy makes it.

use axum::{Router, extract::Request};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};
use tower::{ServiceExt as _, service_fn};

/// Gives each request to the next of `nodes`, so that what one did has to be known to the others at once.
///
/// Uploaded files that wait for a choice are known to the node that has them (`docs/operating.md`): what is asked about
/// imports goes to the first, as a proxy does that keeps a browser at one node.
pub fn in_turn(nodes: Vec<Router>) -> Router {
    let (nodes, turn) = (Arc::new(nodes), Arc::new(AtomicUsize::new(0)));
    Router::new().fallback_service(service_fn(move |request: Request| {
        let stays = request.uri().path().contains("/import");
        let next = if stays { 0 } else { turn.fetch_add(1, Relaxed) % nodes.len().max(1) };
        let node = nodes.get(next).cloned().unwrap_or_default();
        node.oneshot(request)
    }))
}
