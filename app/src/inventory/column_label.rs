//! What columns are called.

use claviger_domain::inventory::Column;

/// A column's head.
pub(crate) fn column_label(column: Column) -> &'static str {
    match column {
        Column::Owner => "Owner",
        Column::Account => "Account, Region",
        Column::Rotation => "Rotation",
        Column::Key => "Key",
        Column::Read => "Last accessed",
        Column::Changed => "Changed",
        Column::Next => "Next rotation",
        Column::Tags => "Tags",
        Column::Description => "Description",
        Column::Arn => "ARN",
        Column::Findings => "Findings",
    }
}
