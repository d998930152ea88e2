//! Rows by `COPY … from stdin (format binary)`: a fraction of what an INSERT costs, and nothing is escaped.

use crate::StoreError;
use sqlx::{PgConnection, postgres::PgCopyIn};
use time::{
    Date, OffsetDateTime,
    macros::{date, datetime},
};
use uuid::Uuid;

/// Bytes that are sent at once.
const COPY_CHUNK_BYTES: usize = 256 * 1024;

/// PostgreSQL counts days and microseconds from here.
const FIRST_DAY: Date = date!(2000 - 01 - 01);
const FIRST_MOMENT: OffsetDateTime = datetime!(2000-01-01 00:00 UTC);

/// The beginning of the format: its signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Instead of a row's count of columns.
const END: i16 = -1;

/// A `COPY` under way. Each row is begun by [`Self::row`], then come all of its columns.
pub(crate) struct CopyRows<'a> {
    copy: PgCopyIn<&'a mut PgConnection>,
    columns: i16,
    bytes: Vec<u8>,
}

impl<'a> CopyRows<'a> {
    /// `into` is the table with the names of so many columns. Where it is dropped before [`Self::end`], PostgreSQL takes
    /// none of the rows.
    pub(crate) async fn begin(
        connection: &'a mut PgConnection,
        into: &'static str,
        columns: i16,
    ) -> Result<Self, StoreError> {
        let copy =
            connection.copy_in_raw(&format!("copy {into} from stdin (format binary)")).await?;
        Ok(Self { copy, columns, bytes: HEADER.to_vec() })
    }

    /// Begins a row.
    pub(crate) async fn row(&mut self) -> Result<(), StoreError> {
        if self.bytes.len() >= COPY_CHUNK_BYTES {
            self.copy.send(self.bytes.as_slice()).await?;
            self.bytes.clear();
        }
        self.bytes.extend(self.columns.to_be_bytes());
        Ok(())
    }

    /// The next column: its bytes as PostgreSQL's `recv` function of the type takes them.
    pub(crate) fn bytes(&mut self, value: Option<&[u8]>) {
        match value {
            None => self.bytes.extend((-1_i32).to_be_bytes()),
            Some(value) => {
                // PostgreSQL takes no value of more than a gigabyte, and says so.
                let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
                self.bytes.extend(length.to_be_bytes());
                self.bytes.extend(value);
            }
        }
    }

    pub(crate) fn text(&mut self, value: Option<&str>) {
        self.bytes(value.map(str::as_bytes));
    }

    pub(crate) fn uuid(&mut self, value: Uuid) {
        self.bytes(Some(value.as_bytes()));
    }

    pub(crate) fn date(&mut self, value: Option<Date>) {
        let days = value.map(|on| on.to_julian_day() - FIRST_DAY.to_julian_day());
        self.bytes(days.map(i32::to_be_bytes).as_ref().map(<[u8; 4]>::as_slice));
    }

    pub(crate) fn moment(&mut self, value: Option<OffsetDateTime>) {
        let since = value.map(|at| (at - FIRST_MOMENT).whole_microseconds());
        let since = since.map(|since| i64::try_from(since).unwrap_or(i64::MAX).to_be_bytes());
        self.bytes(since.as_ref().map(<[u8; 8]>::as_slice));
    }

    /// Sends the rest, and says how many rows were written.
    pub(crate) async fn end(mut self) -> Result<u64, StoreError> {
        self.bytes.extend(END.to_be_bytes());
        self.copy.send(self.bytes.as_slice()).await?;
        Ok(self.copy.finish().await?)
    }
}
