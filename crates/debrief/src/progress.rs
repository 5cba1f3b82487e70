//! How far an import is, for somebody who watches a terminal.

use app::imports::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error; invisible where that is no terminal.
pub struct Bar(ProgressBar);

impl std::fmt::Debug for Bar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bar").finish_non_exhaustive()
    }
}

impl Bar {
    /// A bar at nothing.
    pub fn new() -> Self {
        let bar = ProgressBar::new(1000);
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Moves it.
    pub fn show(&mut self, progress: &Progress) {
        match progress {
            Progress::Running { doing, share } => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a share of 0 to 1"
                )]
                self.0.set_position((share.clamp(0.0, 1.0) * 1000.0) as u64);
                self.0.set_message(doing.clone());
            }
            Progress::Done(_) | Progress::Failed { .. } => self.0.finish_and_clear(),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
