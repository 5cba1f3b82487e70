//! One SQL text, two databases: the macros that run a statement on whichever the transaction belongs to.
//!
//! Binds are evaluated once, in the arm that runs. Every statement is counted, so that tests can assert how
//! many a page needs.

/// Every row of a query, as `$row` (a type with `sqlx::FromRow`).
macro_rules! rows {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let tx: &mut $crate::tx::Tx = $tx;
        tx.count();
        match &mut tx.connection {
            $crate::tx::Connection::Sqlite(connection) => sqlx::query_as::<sqlx::Sqlite, $row>($sql)
                $(.bind($bind))*
                .fetch_all(&mut **connection)
                .await,
            $crate::tx::Connection::Postgres(connection) => sqlx::query_as::<sqlx::Postgres, $row>($sql)
                $(.bind($bind))*
                .fetch_all(&mut **connection)
                .await,
        }
        .map_err($crate::tx::Error::from)
    }};
}

/// The only row of a query, or none.
macro_rules! row {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let tx: &mut $crate::tx::Tx = $tx;
        tx.count();
        match &mut tx.connection {
            $crate::tx::Connection::Sqlite(connection) => sqlx::query_as::<sqlx::Sqlite, $row>($sql)
                $(.bind($bind))*
                .fetch_optional(&mut **connection)
                .await,
            $crate::tx::Connection::Postgres(connection) => sqlx::query_as::<sqlx::Postgres, $row>($sql)
                $(.bind($bind))*
                .fetch_optional(&mut **connection)
                .await,
        }
        .map_err($crate::tx::Error::from)
    }};
}

/// Runs a statement; the number of rows it touched.
macro_rules! run {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let tx: &mut $crate::tx::Tx = $tx;
        tx.count();
        match &mut tx.connection {
            $crate::tx::Connection::Sqlite(connection) => sqlx::query::<sqlx::Sqlite>($sql)
                $(.bind($bind))*
                .execute(&mut **connection)
                .await
                .map(|done| done.rows_affected()),
            $crate::tx::Connection::Postgres(connection) => sqlx::query::<sqlx::Postgres>($sql)
                $(.bind($bind))*
                .execute(&mut **connection)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err($crate::tx::Error::from)
    }};
}

/// Runs `$body` for each row as it comes, without keeping them. The body is compiled once for each database.
macro_rules! each_row {
    ($tx:expr, $sql:expr, |$row:ident| $body:block) => {{
        let tx: &mut $crate::tx::Tx = $tx;
        tx.count();
        match &mut tx.connection {
            $crate::tx::Connection::Sqlite(connection) => {
                let mut found = sqlx::query::<sqlx::Sqlite>(AssertSqlSafe($sql)).fetch(&mut **connection);
                while let Some($row) = found.try_next().await? $body
            }
            $crate::tx::Connection::Postgres(connection) => {
                let mut found = sqlx::query::<sqlx::Postgres>(AssertSqlSafe($sql)).fetch(&mut **connection);
                while let Some($row) = found.try_next().await? $body
            }
        }
    }};
}

pub(crate) use {each_row, row, rows, run};
