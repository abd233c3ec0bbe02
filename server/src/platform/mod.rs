//! The ground that every slice stands on. It knows no capability.

pub mod actor;
pub mod backup;
pub mod batch;
pub mod clock;
pub mod consent;
pub mod cursor;
pub mod database;
pub mod fault;
pub mod ground;
pub mod id;
pub mod installation;
pub mod kept;
pub mod limits;
pub mod moment;
pub mod password;
pub mod queue;
pub mod random;
pub mod reference;
pub mod release;
pub mod restored;
pub mod secret;
pub mod telemetry;
pub mod testing;
pub mod text;
pub mod wake;
pub mod words;
