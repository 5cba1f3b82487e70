//! Everything that a database holds, as somebody with its files or a dump in hand finds it.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::Path;

/// Where `words` stand in the whole database: the files of SQLite byte by byte, every row of PostgreSQL. Bytes in
/// columns are looked through too.
///
/// # Panics
/// If the database cannot be read.
pub async fn remains(url: &str, words: &str) -> Vec<String> {
    match url.strip_prefix("sqlite://") {
        Some(file) => in_files(Path::new(file), words),
        None => in_rows(url, words).await,
    }
}

fn in_files(file: &Path, words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for ending in ["", "-wal", "-journal"] {
        let path = format!("{}{ending}", file.display());
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let many = bytes.windows(words.len()).filter(|window| *window == words.as_bytes()).count();
        if many > 0 {
            found.push(format!("{path} ({many})"));
        }
    }
    found
}

async fn in_rows(url: &str, words: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.expect("the database opens");
    let tables: Vec<(String,)> =
        sqlx::query_as("SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(&mut connection)
            .await
            .expect("the tables are named");
    assert!(tables.len() > 20, "every table is looked at");
    // Bytes are written in hexadecimal digits.
    let digits: String = words.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut found = Vec::new();
    for (table,) in tables {
        let rows = format!("SELECT CAST(t.* AS TEXT) FROM {table} t");
        let rows: Vec<(String,)> =
            sqlx::query_as(AssertSqlSafe(rows)).fetch_all(&mut connection).await.expect("the rows are read");
        let holding = rows.iter().filter(|(row,)| row.contains(words) || row.contains(&digits)).count();
        if holding > 0 {
            found.push(format!("{table} ({holding})"));
        }
    }
    connection.close().await.expect("the database closes");
    found
}
