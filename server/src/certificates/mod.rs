//! Certificates, from intention to end; the signing keys and who controls them.
