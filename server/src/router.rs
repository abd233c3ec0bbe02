//! The table of contents of the URLs: one line per slice.
