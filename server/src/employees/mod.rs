//! People in companies: invited, enrolled, changed, left.

mod model;
pub mod read;
#[expect(dead_code, reason = "the verbs that write land next")]
mod store;

pub use self::{
    model::{EmailInCertificate, Employee, EmployeeState, Person, Standing, Vouching},
    read::standing,
};
