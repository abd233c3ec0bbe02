//! Where certificates point: the addresses of an authority's certificate, CRLs and OCSP responder, all under `server.pki_url`.

use certs::{
    name::{HttpUrl, NameError},
    profiles::Pointers,
};

use super::AuthorityError;
use crate::{
    config::{Mode, Server},
    platform::ground::Ground,
};

/// The addresses of one authority.
#[derive(Clone, Copy, Debug)]
pub struct Addresses<'a> {
    pki_url: &'a str,
    authority: &'a str,
}

impl<'a> Addresses<'a> {
    /// Those of the authority with this name.
    pub fn of(server: &'a Server, authority: &'a str) -> Self {
        Self { pki_url: &server.pki_url, authority }
    }

    /// Its certificate, DER.
    ///
    /// # Errors
    /// When the configured address cannot stand in a certificate.
    pub fn certificate(&self) -> Result<HttpUrl, NameError> {
        HttpUrl::parse(&format!("{}/pki/{}.cer", self.pki_url, self.authority))
    }

    /// The CRL of a shard. A negative one is the list of all.
    ///
    /// # Errors
    /// As [`Addresses::certificate`].
    pub fn crl(&self, shard: i64) -> Result<HttpUrl, NameError> {
        let word = if shard < 0 { "full".to_owned() } else { shard.to_string() };
        HttpUrl::parse(&format!("{}/pki/{}/{word}.crl", self.pki_url, self.authority))
    }

    /// The OCSP responder.
    ///
    /// # Errors
    /// As [`Addresses::certificate`].
    pub fn ocsp(&self) -> Result<HttpUrl, NameError> {
        HttpUrl::parse(&format!("{}/ocsp", self.pki_url))
    }

    /// What a certificate of this shard points at.
    ///
    /// # Errors
    /// As [`Addresses::certificate`].
    pub fn pointers(&self, shard: i64) -> Result<Pointers, NameError> {
        Ok(Pointers { ocsp: self.ocsp()?, issuer_certificate: self.certificate()?, crl: self.crl(shard)? })
    }
}

/// Refuses issuing for real use while certificates would point at a name that only this machine understands.
///
/// # Errors
/// [`AuthorityError::PublicUrlIsLocal`].
pub fn may_issue(ground: &Ground) -> Result<(), AuthorityError> {
    let server = &ground.config.server;
    let local = names_this_machine(&server.public_url) || names_this_machine(&server.pki_url);
    if server.mode == Mode::Real && local { Err(AuthorityError::PublicUrlIsLocal) } else { Ok(()) }
}

fn names_this_machine(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or("");
    let name = host.split(':').next().unwrap_or("").to_ascii_lowercase();
    name.is_empty() || name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.") || host.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::names_this_machine;

    #[test]
    fn only_names_that_others_understand_may_stand_in_certificates() {
        for url in ["http://localhost:8080", "https://localhost", "https://127.0.0.1", "http://[::1]:80", "https://a.localhost"] {
            assert!(names_this_machine(url), "{url}");
        }
        for url in ["https://segl.example.dk", "http://pki.segl.example.dk:8080", "https://localhost.example.dk"] {
            assert!(!names_this_machine(url), "{url}");
        }
    }
}
