//! The public truth about certificates: CRLs and OCSP.
