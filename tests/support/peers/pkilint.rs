//! pkilint, as a judge of certificates, lists and answers: one process for many files.

use super::tools::{Said, python, run};
use crate::papers::tests_folder;

/// A linter of pkilint with its options.
pub type Linter = &'static [&'static str];

/// Certificates of employees: EN 319 412, natural person.
pub const NATURAL: Linter = &["lint_etsi_cert", "-t", "NCP-NATURAL-PERSON-CERTIFICATE"];
/// Any certificate: RFC 5280.
pub const PLAIN: Linter = &["lint_pkix_cert"];
/// Certificates for mail: S/MIME baseline requirements, sponsored.
pub const SPONSORED: Linter = &["lint_cabf_smime_cert", "-t", "SPONSORED-MULTIPURPOSE"];
/// The service's own mail.
pub const MAILBOX: Linter = &["lint_cabf_smime_cert", "-t", "MAILBOX-STRICT"];
/// Lists of an issuing authority.
pub const SHARD: Linter = &["lint_crl", "-t", "CRL", "-p", "BR"];
/// Lists of a root.
pub const AUTHORITIES: Linter = &["lint_crl", "-t", "ARL", "-p", "PKIX"];
/// OCSP answers.
pub const ANSWER: Linter = &["lint_ocsp_response"];

/// Files to be judged, and by which linters.
#[derive(Debug)]
pub struct Docket {
    folder: tempfile::TempDir,
    lines: String,
    count: usize,
}

impl Default for Docket {
    fn default() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), lines: String::new(), count: 0 }
    }
}

impl Docket {
    /// Adds a file, DER.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn add(&mut self, name: &str, linters: &[Linter], der: &[u8]) {
        self.count += 1;
        let path = self.folder.path().join(format!("{}.der", self.count));
        std::fs::write(&path, der).unwrap();
        for linter in linters {
            self.lines += &format!("{name}: {}\t{}\t--document-format\tDER\t{}\n", linter.join(" "), linter.join("\t"), path.display());
        }
    }

    /// Every finding of severity warning and above; content when there is none.
    ///
    /// # Panics
    /// When the list of files cannot be written.
    pub async fn judge(&self) -> Said {
        let manifest = self.folder.path().join("manifest");
        std::fs::write(&manifest, &self.lines).unwrap();
        let script = tests_folder().join("../certs/tests/support/lint_all.py");
        run(python(), [script, manifest]).await
    }
}
