//! Statements whose text depends on what is asked: filters, lists, many rows at once.
//!
//! Only text from the source code becomes part of a statement; values are always bound, each in its place. A value
//! stands as `?` in the text; PostgreSQL gets numbers instead.

use crate::tx::{Connection, Error, Result, Tx, count_statement};
use domain::access::Sight;
use sqlx::{AssertSqlSafe, FromRow, Postgres, Sqlite, SqliteConnection, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

/// How many values a statement that keeps many rows holds. SQLite looks each placeholder that has a name or a number
/// up by walking all before it; those of a [`Statement`] have none there.
pub(crate) const VALUES: usize = 2_048;

/// A statement while it is put together.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    text: String,
    binds: Vec<Bind>,
}

/// A value of a statement.
#[derive(Debug)]
pub(crate) enum Bind {
    Text(Option<String>),
    Number(Option<i64>),
    Id(Option<Uuid>),
    Flag(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

impl From<String> for Bind {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Bind {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Bind {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<&str>> for Bind {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Bind {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Uuid> for Bind {
    fn from(id: Uuid) -> Self {
        Self::Id(Some(id))
    }
}

impl From<Option<Uuid>> for Bind {
    fn from(id: Option<Uuid>) -> Self {
        Self::Id(id)
    }
}

impl From<bool> for Bind {
    fn from(flag: bool) -> Self {
        Self::Flag(Some(flag))
    }
}

impl From<Vec<u8>> for Bind {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

macro_rules! bound {
    ($query:expr, $binds:expr) => {{
        let mut query = $query;
        for bind in $binds {
            query = match bind {
                Bind::Text(text) => query.bind(text),
                Bind::Number(number) => query.bind(number),
                Bind::Id(id) => query.bind(id),
                Bind::Flag(flag) => query.bind(flag),
                Bind::Bytes(bytes) => query.bind(bytes),
            };
        }
        query
    }};
}

impl Statement {
    /// A statement that begins with `text`.
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), binds: Vec::new() }
    }

    /// Adds text.
    pub fn text(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value.
    pub fn bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        self.binds.push(value.into());
        self.text.push('?');
        self
    }

    /// Adds values with commas between them, in brackets.
    pub fn list(&mut self, values: impl IntoIterator<Item = impl Into<Bind>>) -> &mut Self {
        self.text.push('(');
        for (n, value) in values.into_iter().enumerate() {
            if n > 0 {
                self.text.push_str(", ");
            }
            self.bind(value);
        }
        self.text.push(')');
        self
    }

    /// Adds a condition that `column`, which holds lower-cased text, contains each of `words`.
    pub fn containing(&mut self, column: &'static str, words: &[String]) -> &mut Self {
        for word in words {
            self.text(" AND ").text(column).text(" LIKE ").bind(contains(word)).text(" ESCAPE '\\'");
        }
        self
    }

    /// Adds the condition that the incident `i` is seen; the same as [`crate::reach::seen`].
    pub fn seen(&mut self, sight: Sight) -> &mut Self {
        let (person, at) = (sight.person().0, sight.at().as_micros());
        self.text("(i.narrowed_until <= ").bind(at);
        self.text(" OR EXISTS (SELECT 1 FROM incident_people s WHERE s.incident = i.id AND s.person = ");
        self.bind(person);
        self.text(
            ") OR EXISTS (SELECT 1 FROM incident_teams s JOIN team_members m ON m.team = s.team
                    WHERE s.incident = i.id AND m.person = ",
        );
        self.bind(person);
        self.text(") OR EXISTS (SELECT 1 FROM postmortems s WHERE s.incident = i.id AND s.owner = ");
        self.bind(person);
        self.text(") OR EXISTS (SELECT 1 FROM incident_openings s WHERE s.incident = i.id AND s.ends_at > ");
        self.bind(at).text(" AND s.person = ").bind(person).text("))")
    }

    /// Every row.
    pub async fn rows<R>(self, tx: &mut Tx) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        tx.count();
        match &mut tx.connection {
            Connection::Sqlite(connection) => {
                let text = AssertSqlSafe(self.text);
                bound!(sqlx::query_as::<Sqlite, R>(text), self.binds).fetch_all(&mut **connection).await
            }
            Connection::Postgres(connection) => {
                let text = AssertSqlSafe(numbered(&self.text));
                bound!(sqlx::query_as::<Postgres, R>(text), self.binds).fetch_all(&mut **connection).await
            }
        }
        .map_err(Error::from)
    }

    /// Runs it; the number of rows it touched.
    pub async fn run(self, tx: &mut Tx) -> Result<u64> {
        match &mut tx.connection {
            Connection::Sqlite(connection) => self.run_on_sqlite(connection).await,
            Connection::Postgres(connection) => {
                count_statement();
                let text = AssertSqlSafe(numbered(&self.text));
                let query = bound!(sqlx::query::<Postgres>(text), self.binds);
                Ok(query.execute(&mut **connection).await?.rows_affected())
            }
        }
    }

    /// The same on SQLite, in a transaction or as one.
    pub async fn run_on_sqlite(self, connection: &mut SqliteConnection) -> Result<u64> {
        count_statement();
        let query = bound!(sqlx::query::<Sqlite>(AssertSqlSafe(self.text)), self.binds);
        Ok(query.execute(connection).await?.rows_affected())
    }
}

/// The text with each `?` as a number.
fn numbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for (number, part) in text.split('?').enumerate() {
        if number > 0 {
            out.push('$');
            out.push_str(&number.to_string());
        }
        out.push_str(part);
    }
    out
}

/// What a person types into a filter, as lower-cased words; at most 20 of them count.
pub(crate) fn words(typed: Option<&str>) -> Vec<String> {
    let words = typed.unwrap_or_default().split_whitespace();
    words.take(20).map(|word| word.replace('\0', "").to_lowercase()).filter(|word| !word.is_empty()).collect()
}

/// A pattern for `LIKE … ESCAPE '\'` that finds `word` anywhere.
fn contains(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_never_a_pattern() {
        assert_eq!(words(Some("  50%_Off  ÉCLAIR ")), ["50%_off", "éclair"]);
        assert_eq!(contains("50%_a\\b"), "%50\\%\\_a\\\\b%");
    }

    #[test]
    fn placeholders_are_numbered_in_order() {
        let mut statement = Statement::new("SELECT 1 WHERE a = ");
        statement.bind(7).text(" AND b IN ").list([1, 2]).containing("c", &["x".to_owned()]);
        assert_eq!(statement.text, "SELECT 1 WHERE a = ? AND b IN (?, ?) AND c LIKE ? ESCAPE '\\'");
        let numbers = "SELECT 1 WHERE a = $1 AND b IN ($2, $3) AND c LIKE $4 ESCAPE '\\'";
        assert_eq!(numbered(&statement.text), numbers);
        assert_eq!(statement.binds.len(), 4);
    }
}
