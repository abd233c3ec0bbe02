//! Companies and associations: agreement, signatories, standing.
