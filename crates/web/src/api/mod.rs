//! JSON at `/api/v1`.

use crate::table::Table;

/// Every address of the API with its rule.
pub(crate) fn routes(table: Table) -> Table {
    table
}
