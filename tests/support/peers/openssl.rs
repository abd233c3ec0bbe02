//! openssl on the command line, as a judge.

use std::path::{Path, PathBuf};

use super::tools::{Said, run};
use crate::{
    pki::{Certificate, Surroundings},
    world::World,
};

/// A folder with everything that openssl needs to judge one certificate.
#[derive(Debug)]
pub struct Desk {
    folder: tempfile::TempDir,
    time: i64,
}

impl Desk {
    /// Lays out the certificate, the authorities above it and their lists, as of the world's present.
    ///
    /// # Errors
    /// When something cannot be fetched where the certificates say.
    ///
    /// # Panics
    /// When a file cannot be written.
    pub async fn lay(world: &World, certificate: &Certificate) -> anyhow::Result<Self> {
        let around = Surroundings::of(world, certificate).await?;
        let desk = Self { folder: tempfile::tempdir()?, time: world.now().millis() / 1000 };
        desk.put("certificate.pem", &certificate.pem());
        desk.put("root.pem", &around.root.pem());
        desk.put("issuing.pem", &around.issuing.pem());
        let lists = [&around.crl, &around.root_crl].map(|der| openssl::x509::X509Crl::from_der(der).unwrap().to_pem().unwrap()).concat();
        desk.put("lists.pem", &lists);
        Ok(desk)
    }

    /// Puts a file on the desk.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A file on the desk.
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A folder on the desk.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn folder(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path.display().to_string()
    }

    /// The path of the certificate, strictly, with every list.
    pub async fn verify(&self) -> Said {
        let time = self.time.to_string();
        let arguments = ["verify", "-x509_strict", "-crl_check_all", "-attime", &time, "-CAfile", &self.file("root.pem")];
        let files = ["-untrusted", &self.file("issuing.pem"), "-CRLfile", &self.file("lists.pem"), &self.file("certificate.pem")];
        run("openssl", arguments.iter().chain(&files)).await
    }

    /// The status of the certificate, asked at a responder.
    pub async fn ocsp(&self, url: &str) -> Said {
        let time = self.time.to_string();
        let who = ["-issuer", &self.file("issuing.pem"), "-sha256", "-cert", &self.file("certificate.pem")];
        let trust = ["-CAfile", &self.file("root.pem"), "-verify_other", &self.file("issuing.pem")];
        // The answer's own times are the world's; only the chain can be judged at another time than now.
        let when = ["-attime", &time, "-validity_period", "1000000000", "-timeout", "20", "-url", url];
        run("openssl", ["ocsp"].iter().chain(&who).chain(&trust).chain(&when)).await
    }

    /// A signed mail against the root.
    pub async fn mail(&self, mail: &Path) -> Said {
        let (mail, time) = (mail.display().to_string(), self.time.to_string());
        let trust = ["-CAfile", &self.file("root.pem"), "-purpose", "smimesign", "-attime", &time, "-out", &self.file("opened")];
        run("openssl", ["cms", "-verify", "-in", &mail].iter().chain(&trust)).await
    }

    /// A detached CMS message over some bytes, against the root.
    pub async fn detached(&self, message: &str, content: &str) -> Said {
        let time = self.time.to_string();
        let what = ["cms", "-verify", "-binary", "-inform", "DER", "-in", &self.file(message), "-content", &self.file(content)];
        let trust = ["-CAfile", &self.file("root.pem"), "-purpose", "any", "-attime", &time, "-out", &self.file("opened")];
        run("openssl", what.iter().chain(&trust)).await
    }

    /// A time-stamp answer against its query.
    pub async fn timestamp(&self, query: &str, answer: &str) -> Said {
        let (query, answer, time) = (self.file(query), self.file(answer), self.time.to_string());
        let trust = ["-CAfile", &self.file("root.pem"), "-untrusted", &self.file("issuing.pem"), "-attime", &time];
        run("openssl", ["ts", "-verify", "-queryfile", &query, "-in", &answer].iter().chain(&trust)).await
    }
}
