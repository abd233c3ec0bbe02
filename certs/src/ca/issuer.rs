//! An authority ready to issue: its certificate, proven to be a CA's and to belong to the key in the keystore, parsed once.

use std::sync::OnceLock;

use der::{Decode, Encode, Tag, Tagged};
use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyIdMethod, KeyUsagePurpose};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::name::Name;

use crate::keystore::{KeyLabel, Keystore, KeystoreError, RsaPadding, Scheme};
use crate::oid::{self, components};
use crate::profiles::Family;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::validity::{Validity, ValidityError};

/// Why a certificate and key are no authority.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// basicConstraints do not say CA (RFC 5280 section 4.2.1.9).
    #[error("the certificate is not a certificate authority's")]
    NotAnAuthority,
    /// keyUsage lacks keyCertSign or cRLSign (RFC 5280 section 4.2.1.3).
    #[error("the authority's certificate allows no signing of certificates or of CRLs")]
    KeyUsage,
    /// The subject key identifier is missing, or is not SHA-1 of the key (RFC 5280 section 4.2.1.2).
    #[error("the authority's certificate has no subject key identifier, or another than its key's")]
    KeyIdentifier,
    /// The key under the label is another than the certificate's.
    #[error("the key {label} in the keystore is not the one in the certificate")]
    KeyMismatch {
        /// Label asked for.
        label: KeyLabel,
    },
    /// No key stands under the label.
    #[error("the keystore has no key under {label}")]
    NoKey {
        /// Label asked for.
        label: KeyLabel,
    },
    /// The keystore failed.
    #[error("the keystore cannot be asked: {0}")]
    Keystore(#[from] KeystoreError),
    /// Not a certificate in DER.
    #[error("not a certificate in DER")]
    Encoding(#[from] der::Error),
    /// The public key is refused.
    #[error("the authority's public key is refused")]
    PublicKey(#[from] PublicKeyError),
    /// A name with repeated or multi-valued attributes, or of a string type that we never write; we could not repeat it exactly.
    #[error("the authority's name has a form that we cannot repeat exactly")]
    UnsupportedName,
    /// The period of validity is nonsense.
    #[error("the authority's period of validity is refused")]
    Validity(#[from] ValidityError),
}

/// What building and linting need to know of whoever signs.
#[derive(Clone)]
pub(crate) struct Signatory {
    pub(crate) public_key: PublicKey,
    pub(crate) scheme: Scheme,
    pub(crate) name_der: Vec<u8>,
    pub(crate) family: Family,
    pub(crate) validity: Validity,
    pub(crate) path_length: Option<u8>,
    /// What tells it from every other, once that was asked for.
    pub(crate) marked: OnceLock<[u8; 32]>,
}

impl Signatory {
    /// Tells it from every other: SHA-256 of name, key and algorithm.
    pub(crate) fn mark(&self) -> [u8; 32] {
        *self.marked.get_or_init(|| self.compute_mark())
    }

    fn compute_mark(&self) -> [u8; 32] {
        let algorithm = self.scheme.algorithm_identifier();
        let mut hash = Sha256::new();
        for part in [self.name_der.as_slice(), self.public_key.spki(), &algorithm] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// As rcgen wants an issuer of revocation lists: name, key identifier, and the right to sign CRLs.
    pub(crate) fn parameters(&self) -> Result<CertificateParams, rcgen::Error> {
        let mut parameters = CertificateParams::default();
        let name = Name::from_der(&self.name_der).ok().and_then(|name| distinguished_name(&name).ok());
        parameters.distinguished_name = name.ok_or(rcgen::Error::CouldNotParseCertificate)?;
        parameters.key_identifier_method = KeyIdMethod::PreSpecified(self.public_key.key_identifier().to_vec());
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(parameters)
    }
}

/// An authority that can sign certificates, CRLs and (through a responder) OCSP answers. Load once, share.
pub struct Issuer {
    signatory: Signatory,
    label: KeyLabel,
    certificate_der: Vec<u8>,
    certificate: Certificate,
    name_sha1: [u8; 20],
    name_sha256: [u8; 32],
    key_sha256: [u8; 32],
}

impl Issuer {
    /// Checks that the certificate is a CA's and that the key under `label` is its key.
    ///
    /// # Errors
    /// [`IssuerError`] names what does not fit.
    pub fn load(certificate_der: &[u8], label: KeyLabel, keystore: &dyn Keystore) -> Result<Self, IssuerError> {
        let issuer = Self::without_key(certificate_der, label)?;
        let label = issuer.label.clone();
        match keystore.find(&label)? {
            None => Err(IssuerError::NoKey { label }),
            Some(key) if key != issuer.signatory.public_key => Err(IssuerError::KeyMismatch { label }),
            Some(_) => Ok(issuer),
        }
    }

    /// An authority whose key is not here: it is known, and verifies, but signs nothing. `label` says where the key is.
    ///
    /// # Errors
    /// As [`Issuer::load`], of the certificate alone.
    pub fn without_key(certificate_der: &[u8], label: KeyLabel) -> Result<Self, IssuerError> {
        let certificate = Certificate::from_der(certificate_der)?;
        let signatory = signatory(&certificate)?;
        Ok(Self {
            name_sha1: Sha1::digest(&signatory.name_der).into(),
            name_sha256: Sha256::digest(&signatory.name_der).into(),
            key_sha256: Sha256::digest(signatory.public_key.raw()).into(),
            signatory,
            label,
            certificate_der: certificate_der.to_vec(),
            certificate,
        })
    }

    /// The same authority, certifying in this family; without this, in the default one. An RSA key signs by the family's padding.
    #[must_use]
    pub fn of_family(mut self, family: Family) -> Self {
        self.signatory.family = family;
        self.padded(family.padding())
    }

    /// Its family.
    #[must_use]
    pub fn family(&self) -> Family {
        self.signatory.family
    }

    /// The same authority, signing with this padding where its key is RSA; without this, by [`RsaPadding::Pss`].
    #[must_use]
    pub fn padded(mut self, padding: RsaPadding) -> Self {
        self.signatory.scheme = Scheme::of(self.signatory.public_key.kind(), padding);
        self.signatory.marked = OnceLock::new();
        self
    }

    /// How it signs.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.signatory.scheme
    }

    /// The authority's certificate, DER.
    #[must_use]
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate_der
    }

    /// The authority's certificate, parsed.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The authority's public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.signatory.public_key
    }

    /// When the authority's own certificate is valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.signatory.validity
    }

    /// The authority's name for people.
    #[must_use]
    pub fn subject(&self) -> String {
        crate::name::for_people(&self.certificate.tbs_certificate.subject)
    }

    /// The authority's subject, DER: what its certificates and CRLs have as issuer.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.signatory.name_der
    }

    /// SHA-1 of the authority's key: subject key identifier, and `issuerKeyHash` of SHA-1 CertIDs.
    #[must_use]
    pub fn key_identifier(&self) -> [u8; 20] {
        self.signatory.public_key.key_identifier()
    }

    /// The label of its key.
    #[must_use]
    pub fn label(&self) -> &KeyLabel {
        &self.label
    }

    pub(crate) fn signatory(&self) -> &Signatory {
        &self.signatory
    }

    pub(crate) fn name_sha1(&self) -> &[u8; 20] {
        &self.name_sha1
    }

    pub(crate) fn name_sha256(&self) -> &[u8; 32] {
        &self.name_sha256
    }

    pub(crate) fn key_sha256(&self) -> &[u8; 32] {
        &self.key_sha256
    }

    /// Signs `tbs` with the authority's key and checks the signature with its public key.
    pub(crate) fn sign(&self, tbs: &[u8], keystore: &dyn Keystore) -> Result<Option<Vec<u8>>, KeystoreError> {
        let scheme = self.signatory.scheme;
        let digest = scheme.digest(tbs);
        let signature = keystore.sign_with(&self.label, scheme.padding(), &digest)?;
        let good = self.signatory.public_key.verifies_with(scheme.padding(), &digest, &signature);
        Ok(good.then_some(signature))
    }
}

fn signatory(certificate: &Certificate) -> Result<Signatory, IssuerError> {
    let tbs = &certificate.tbs_certificate;
    let public_key = PublicKey::from_spki(&tbs.subject_public_key_info.to_der()?)?;
    let basic = tbs.get::<BasicConstraints>()?.map(|(_, basic)| basic);
    let path_length = match basic {
        Some(basic) if basic.ca => basic.path_len_constraint,
        Some(_) | None => return Err(IssuerError::NotAnAuthority),
    };
    let usage = tbs.get::<KeyUsage>()?.map(|(_, usage)| usage);
    let needed = KeyUsages::KeyCertSign | KeyUsages::CRLSign;
    if !usage.is_some_and(|usage| usage.0.contains(needed)) {
        return Err(IssuerError::KeyUsage);
    }
    distinguished_name(&tbs.subject)?;
    let identifier = tbs.get::<SubjectKeyIdentifier>()?.map(|(_, found)| found);
    if identifier.is_none_or(|found| found.0.as_bytes() != public_key.key_identifier()) {
        return Err(IssuerError::KeyIdentifier);
    }
    Ok(Signatory {
        scheme: Scheme::of(public_key.kind(), RsaPadding::Pss),
        name_der: tbs.subject.to_der()?,
        family: Family::Default,
        validity: Validity::between(tbs.validity.not_before.to_system_time().into(), tbs.validity.not_after.to_system_time().into())?,
        path_length,
        public_key,
        marked: OnceLock::new(),
    })
}

/// rcgen holds one value per attribute type; a name that does not fit is refused rather than silently shortened.
fn distinguished_name(name: &Name) -> Result<DistinguishedName, IssuerError> {
    let mut copy = DistinguishedName::new();
    for set in &name.0 {
        let [attribute] = set.0.as_slice() else {
            return Err(IssuerError::UnsupportedName);
        };
        let kind = DnType::from_oid(&components(&attribute.oid));
        if copy.get(&kind).is_some() {
            return Err(IssuerError::UnsupportedName);
        }
        let text = std::str::from_utf8(attribute.value.value()).map_err(|_| IssuerError::UnsupportedName)?;
        let tag = attribute.value.tag();
        let value = if tag == Tag::Utf8String {
            DnValue::Utf8String(text.to_owned())
        } else if tag == Tag::PrintableString {
            let printable = text.try_into().map_err(|_| IssuerError::UnsupportedName)?;
            DnValue::PrintableString(printable)
        } else {
            return Err(IssuerError::UnsupportedName);
        };
        copy.push(kind, value);
    }
    if copy.get(&DnType::from_oid(&components(&oid::COMMON_NAME))).is_none() {
        return Err(IssuerError::UnsupportedName);
    }
    Ok(copy)
}
