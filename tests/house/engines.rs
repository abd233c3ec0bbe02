//! A database of its own on each engine, for the rules that hold on both.

use std::{collections::BTreeMap, sync::Arc};

use segl::platform::{
    clock::TestClock,
    database::{Database, Settings, migrate},
    moment::Moment,
    random::SystemRandom,
};
use sqlx::{Connection as _, Row as _};
use support::peers::postgres::Scratch;

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A database in the server of the tests.
    Postgres,
}

/// Both.
pub const BOTH: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

/// An empty database; it goes away with this.
pub struct Place {
    /// Its settings.
    pub settings: Settings,
    _directory: Option<tempfile::TempDir>,
    _scratch: Option<Scratch>,
}

impl Place {
    /// An empty database.
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let directory = tempfile::tempdir().unwrap();
                let settings = Settings::Sqlite { file: directory.path().join("segl.db") };
                Self { settings, _directory: Some(directory), _scratch: None }
            }
            Kind::Postgres => {
                let scratch = Scratch::create();
                let settings = Settings::postgres(&scratch.url(), 12).unwrap();
                Self { settings, _directory: None, _scratch: Some(scratch) }
            }
        }
    }

    /// Brings the schema up; gives the number of steps.
    pub async fn migrate(&self) -> Result<usize, segl::platform::database::DatabaseError> {
        let settings = self.settings.clone();
        tokio::task::spawn_blocking(move || migrate::run(&settings)).await.unwrap()
    }

    /// The program's database upon it.
    pub async fn open(&self) -> Database {
        let clock = TestClock::at(Moment::from_millis(1_795_377_600_000));
        Database::open(&self.settings, Arc::new(clock), Arc::new(SystemRandom)).await.unwrap()
    }

    /// Runs SQL past the program.
    pub async fn run(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match &self.settings {
            Settings::Sqlite { file } => {
                let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
            Settings::Postgres { options, .. } => {
                let mut connection = sqlx::PgConnection::connect_with(options).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
        }
    }

    /// The rows of a query whose columns are all text.
    pub async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match &self.settings {
            Settings::Sqlite { file } => {
                let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect()).collect()
            }
            Settings::Postgres { options, .. } => {
                let mut connection = sqlx::PgConnection::connect_with(options).await.unwrap();
                let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect()).collect()
            }
        }
    }

    /// What the database looks like, in words that both engines share.
    pub async fn schema(&self) -> Schema {
        let (columns, indexes) = match &self.settings {
            Settings::Sqlite { .. } => (SQLITE_COLUMNS, SQLITE_INDEXES),
            Settings::Postgres { .. } => (POSTGRES_COLUMNS, POSTGRES_INDEXES),
        };
        let mut schema = Schema::default();
        for row in self.rows(columns).await.into_iter().filter(|row| row[0] != DIESEL) {
            let column = format!("{} {}", if row[3] == "yes" { "required" } else { "optional" }, row[2].to_lowercase());
            schema.columns.insert(format!("{}.{}", row[0], row[1]), column);
        }
        for row in self.rows(indexes).await.into_iter().filter(|row| row[0] != DIESEL) {
            schema.indexes.push(format!("{} {} ({})", row[0], row[1], row[2]));
        }
        schema.indexes.sort();
        schema
    }
}

/// Where diesel notes which steps were taken.
const DIESEL: &str = "__diesel_schema_migrations";

/// Tables with their columns, and their indexes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// `table.column` -> `required type`.
    pub columns: BTreeMap<String, String>,
    /// `table primary|unique|plain (columns)`.
    pub indexes: Vec<String>,
}

/// table, column, type, required.
const SQLITE_COLUMNS: &str = "SELECT m.name, c.name, c.type, CASE WHEN c.\"notnull\" = 1 THEN 'yes' ELSE 'no' END
    FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
const POSTGRES_COLUMNS: &str =
    "SELECT table_name::text, column_name::text, data_type::text, CASE WHEN is_nullable = 'NO' THEN 'yes' ELSE 'no' END
    FROM information_schema.columns WHERE table_schema = 'public'";

/// table, kind, columns.
const SQLITE_INDEXES: &str = "SELECT m.name, CASE WHEN i.origin = 'pk' THEN 'primary' WHEN i.\"unique\" = 1 THEN 'unique' ELSE 'plain' END,
    (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
    FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
const POSTGRES_INDEXES: &str =
    "SELECT t.relname::text, CASE WHEN x.indisprimary THEN 'primary' WHEN x.indisunique THEN 'unique' ELSE 'plain' END,
    (SELECT string_agg(a.attname, ',' ORDER BY k.ord) FROM unnest(x.indkey) WITH ORDINALITY k(num, ord)
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num)
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public'";
