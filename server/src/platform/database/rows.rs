//! Many rows in one statement, in the words of both engines: a statement costs two changes of thread on SQLite and a round trip on
//! PostgreSQL, a row in it a fraction of that.

/// The most rows of one statement. With twenty columns it stays far below what either engine binds at most.
const MOST: usize = 64;

/// Below it a portion has any number of rows, from it on a multiple of it: so few different statements stay prepared.
const STEP: usize = 4;

/// The rows in portions of 64 at most: two at the end, one of a multiple of 4 and one of up to 3.
pub fn portions<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let largest = if rest.len() < STEP { rest.len() } else { rest.len() / STEP * STEP };
        let (portion, after) = rest.split_at(largest.min(MOST));
        rest = after;
        (!portion.is_empty()).then_some(portion)
    })
}

/// Builds one statement and runs it on whichever engine the connection is. What runs it is awaited inside, and gives sqlx's result:
/// `build!(unit, "INSERT INTO thing (id) ", |query, c| { query.push_values(ids, |mut row, id| { row.push_bind(*id); }); query.build().execute(c).await.map(drop) })`.
#[macro_export]
macro_rules! build {
    ($connection:expr, $start:expr, |$query:ident, $c:ident| $run:block) => {{
        let result = match $crate::platform::database::Connection::engine($connection) {
            $crate::platform::database::Engine::Sqlite($c) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Sqlite>::new($start);
                $run
            }
            $crate::platform::database::Engine::Postgres($c) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Postgres>::new($start);
                $run
            }
        };
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err($crate::platform::database::Connection::failed($connection, error)),
        }
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_hold_every_row_once_and_are_of_few_sizes() {
        let rows: Vec<u32> = (0..203).collect();
        let sizes: Vec<usize> = portions(&rows).map(<[u32]>::len).collect();
        assert_eq!(sizes, [64, 64, 64, 8, 3]);
        let all: std::collections::BTreeSet<usize> = (0..200).flat_map(|count| portions(&rows[..count]).map(<[u32]>::len)).collect();
        assert_eq!(all.len(), 3 + MOST / STEP);
        assert_eq!(portions(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(portions(&rows[..0]).count(), 0);
    }
}
