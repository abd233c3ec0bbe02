//! User id, password and key -> session; who is logged in; API keys.
