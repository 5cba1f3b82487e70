//! Incidents: the list, one incident, and the forms that change it.

mod forms;
mod list;
mod shown;

pub(crate) use forms::{declare, edit, form, mitigate, new, reopen, resolution, resolve};
pub(crate) use list::list;
pub(crate) use shown::show;
