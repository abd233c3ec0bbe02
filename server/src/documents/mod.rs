//! Documents: uploaded, shown, signed, verified.
