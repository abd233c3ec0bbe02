//! CA certificates and their key handles.
