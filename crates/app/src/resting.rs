//! Documents that nobody touches rest: pages stay open for days, and what their people read is on their screens,
//! so that the server's copies need not stay in memory too.

use crate::{App, app::Parts};
use std::{sync::Weak, time::Duration};

/// A copy that was not needed for so long is given back. The next word costs one more reading of the log.
const AFTER: Duration = Duration::from_secs(30);

/// Looks for such copies for as long as the application lives.
pub(crate) fn start(parts: Weak<Parts>) {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(AFTER / 3).await;
            let Some(app) = parts.upgrade().map(App::from) else { return };
            app.rooms().rest(AFTER);
        }
    });
}
