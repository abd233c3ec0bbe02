//! A small certification authority for tests, and the foreign tools that judge what we make.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use std::path::Path;
use std::process::{Command, Output};

/// A key with its certificate.
pub struct Holder {
    pub key: PKey<Private>,
    pub certificate: X509,
}

impl Holder {
    pub fn der(&self) -> Vec<u8> {
        self.certificate.to_der().unwrap()
    }

    pub fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }

    pub fn key_pem(&self) -> Vec<u8> {
        self.key.private_key_to_pem_pkcs8().unwrap()
    }

    /// A signature over a message of which only the SHA-256 is known, as a key store makes it.
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Vec<u8> {
        let mut context = PkeyCtx::new(&self.key).unwrap();
        context.sign_init().unwrap();
        if self.key.rsa().is_ok() {
            context.set_rsa_padding(openssl::rsa::Padding::PKCS1).unwrap();
        }
        context.set_signature_md(openssl::md::Md::sha256()).unwrap();
        let mut signature = Vec::new();
        context.sign_to_vec(digest, &mut signature).unwrap();
        signature
    }
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq)]
pub enum Purpose {
    Signing,
    TimeStamping,
    TimeStampingNotCritical,
}

pub fn p256() -> PKey<Private> {
    elliptic(Nid::X9_62_PRIME256V1)
}

pub fn elliptic(curve: Nid) -> PKey<Private> {
    PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(curve).unwrap()).unwrap()).unwrap()
}

pub fn rsa() -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap()
}

pub fn root() -> Holder {
    let key = p256();
    let mut builder = start(&key, "Test Root", 1000);
    builder.set_issuer_name(&name("Test Root")).unwrap();
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build().unwrap()).unwrap();
    finish(builder, None, &key, key.clone())
}

impl Holder {
    /// Issues under this authority.
    pub fn issue(&self, common_name: &str, serial: u32, purpose: Purpose, key: PKey<Private>) -> Holder {
        let mut builder = start(&key, common_name, serial);
        builder.set_issuer_name(self.certificate.subject_name()).unwrap();
        builder.append_extension(BasicConstraints::new().critical().build().unwrap()).unwrap();
        let mut usage = KeyUsage::new();
        usage.critical();
        let mut extended = ExtendedKeyUsage::new();
        match purpose {
            Purpose::Signing => usage.non_repudiation(),
            Purpose::TimeStamping | Purpose::TimeStampingNotCritical => usage.digital_signature(),
        };
        builder.append_extension(usage.build().unwrap()).unwrap();
        match purpose {
            Purpose::Signing => {}
            Purpose::TimeStamping => builder.append_extension(extended.critical().time_stamping().build().unwrap()).unwrap(),
            Purpose::TimeStampingNotCritical => builder.append_extension(extended.time_stamping().build().unwrap()).unwrap(),
        }
        finish(builder, Some(&self.certificate), &self.key, key)
    }
}

fn name(common_name: &str) -> openssl::x509::X509Name {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COUNTRYNAME, "DK").unwrap();
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Ærø Bådelaug").unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, common_name).unwrap();
    name.build()
}

fn start(key: &PKey<Private>, common_name: &str, serial: u32) -> X509Builder {
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&name(common_name)).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.set_serial_number(&BigNum::from_u32(0x8000_0000 | serial).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_not_before(&Asn1Time::from_str("20200101000000Z").unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_str("20491231235959Z").unwrap()).unwrap();
    builder
}

fn finish(mut builder: X509Builder, issuer: Option<&X509>, issuer_key: &PKey<Private>, key: PKey<Private>) -> Holder {
    let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(issuer.map(|certificate| &**certificate), None)).unwrap();
    builder.append_extension(identifier).unwrap();
    builder.sign(issuer_key, MessageDigest::sha256()).unwrap();
    Holder { key, certificate: builder.build() }
}

/// Runs a foreign tool; a tool that is not there fails the test.
pub fn run(program: &str, arguments: &[&str], directory: &Path) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap_or_else(|error| panic!("{program} cannot be run ({error}): `./dev test` installs it"))
}

/// Runs a foreign tool that must succeed, and gives what it said.
pub fn accepted(program: &str, arguments: &[&str], directory: &Path) -> String {
    let output = run(program, arguments, directory);
    let said = words(&output);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    said
}

pub fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The Python interpreter that has pyHanko.
#[expect(clippy::disallowed_methods, reason = "`./dev test` says where it installed the foreign tools")]
pub fn python() -> String {
    std::env::var("SEGL_VENV").map_or_else(|_| "python3".to_owned(), |venv| format!("{venv}/bin/python"))
}
