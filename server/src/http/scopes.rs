//! What a company's API key may do: the routes that each scope names, and no other.
//!
//! A scope stands in place of a person's proof on these routes, so none of them shows a temporary password or sends one where the key says,
//! gives or takes a role, or opens a
//! key: those stay with people. Whatever is not named here is closed to keys, pages first of all.

use actix_web::{HttpRequest, http::Method};

use super::{
    permissions::Permission,
    problem::{Kind, Problem},
};
use crate::platform::actor::{KeyGrant, Scope};

/// A route with the scope that opens it, and the permission that its handler asks for.
pub struct Opened {
    /// GET, POST, ...
    pub method: &'static str,
    /// As the router has it.
    pub path: &'static str,
    /// Which scope.
    pub scope: Scope,
    /// What the handler asks for.
    pub permission: Permission,
}

const fn opened(method: &'static str, path: &'static str, scope: Scope, permission: Permission) -> Opened {
    Opened { method, path, scope, permission }
}

const EMPLOYEES: &str = "/api/v1/companies/{company}/employees";
const EMPLOYEE: &str = "/api/v1/companies/{company}/employees/{employee}";

/// Every route that a key may use.
pub const ROUTES: &[Opened] = &[
    opened("GET", "/api/v1/companies/{company}", Scope::ReadEmployees, Permission::SeeCompany),
    opened("GET", EMPLOYEES, Scope::ReadEmployees, Permission::ListEmployees),
    opened("GET", EMPLOYEE, Scope::ReadEmployees, Permission::ListEmployees),
    opened("POST", EMPLOYEES, Scope::WriteEmployees, Permission::InviteEmployee),
    opened("POST", "/api/v1/companies/{company}/employees/{employee}/invitation", Scope::WriteEmployees, Permission::RenewInvitation),
    opened("PUT", "/api/v1/companies/{company}/employees/{employee}/person", Scope::WriteEmployees, Permission::ChangeEmployee),
    opened("DELETE", EMPLOYEE, Scope::WriteEmployees, Permission::DismissEmployee),
    opened("POST", "/api/v1/companies/{company}/employees/{employee}/keycards", Scope::WriteCards, Permission::OrderCardFor),
    opened("POST", "/api/v1/companies/{company}/employees/{employee}/cpr-match", Scope::MatchCpr, Permission::MatchCpr),
];

/// Refuses a key on a route that none of its scopes names.
///
/// # Errors
/// [`Kind::Forbidden`]: with the scope that lacks, or since no scope opens the route.
pub fn check(request: &HttpRequest, key: &KeyGrant) -> Result<(), Problem> {
    let pattern = request.match_pattern();
    let is_it = |route: &&Opened| pattern.as_deref() == Some(route.path) && asks(request.method(), route.method);
    match ROUTES.iter().find(is_it) {
        Some(route) if key.scopes.contains(&route.scope) => Ok(()),
        Some(route) => Err(Problem::saying(Kind::Forbidden, "problems.scope_lacks")
            .with("scope", route.scope.word())
            .telling("scope", route.scope.word())),
        None => Err(Problem::saying(Kind::Forbidden, "problems.scope_none")),
    }
}

/// HEAD is GET without the body.
fn asks(asked: &Method, method: &str) -> bool {
    asked.as_str() == method || (asked == Method::HEAD && method == "GET")
}

/// Whether one of the key's scopes includes a permission, on some route.
pub fn allows(key: &KeyGrant, permission: Permission) -> bool {
    ROUTES.iter().any(|route| route.permission == permission && key.scopes.contains(&route.scope))
}
