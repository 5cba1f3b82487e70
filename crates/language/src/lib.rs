//! The reframing aid (domain.md section 2): finds sentences that close an inquiry and offers a question that reopens it.
//!
//! It reads clauses, not words: who is said to have done, missed or ought to have done what, in which mood, and where the
//! text lives. It never blocks, never changes a text and never counts by person. Rules are data; see `data/language`.
//!
//! ```
//! # use language::{Aid, Context};
//! let aid = Aid::english()?;
//! let findings = aid.read("The on-call failed to escalate.", &Context::default());
//! assert_eq!(findings[0].rule.id, "OM-1");
//! # Ok::<(), language::RuleError>(())
//! ```

mod blocks;
mod clauses;
mod english;
pub mod fuzz;
mod graph;
mod guide;
mod lexicon;
mod matching;
mod notation;
mod phrases;
mod places;
mod reading;
mod record;
mod roles;
mod rules;
mod shown;
mod subjects;
mod surface;
mod tokens;

pub use graph::Graph;
pub use guide::guide;
pub use notation::Written;
pub use places::Places;
pub use reading::{Aid, Context, Finding};
pub use record::Record;
pub use rules::{Family, Need, RuleError, RuleFile, Step, Strength};
pub use shown::{shown_and_beside, strongest, within_limits};
pub use surface::{NAMES as SURFACES, Surface, UnknownSurface};
