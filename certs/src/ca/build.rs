//! From an order to the bytes to be signed, by rcgen. rcgen is given everything (none of its defaults is left standing) and a key that signs
//! nothing but keeps the bytes: the keystore signs those later.

use std::cell::RefCell;

use const_oid::ObjectIdentifier;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint, CustomExtension, DistinguishedName, DnType,
    DnValue, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm, SigningKey,
};

use super::assemble::{Tag, tlv};
use super::issuer::Signatory;
use crate::name::HttpUrl;
use crate::oid::{self, components};
use crate::profiles::{Basic, Criticality, Order, Presence};
use crate::public_key::{PublicKey, PublicKeyKind};
use crate::serial::Serial;
use crate::validity::Validity;

/// The key that rcgen sees: names its algorithm, and keeps what it is asked to sign.
struct Capture<'a> {
    raw: &'a [u8],
    algorithm: &'static SignatureAlgorithm,
    tbs: RefCell<Vec<u8>>,
}

impl<'a> Capture<'a> {
    fn of(key: &'a PublicKey) -> Self {
        Self { raw: key.raw(), algorithm: algorithm(key.kind()), tbs: RefCell::default() }
    }
}

impl PublicKeyData for Capture<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.raw
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl SigningKey for Capture<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.tbs.replace(message.to_vec());
        Ok(Vec::new())
    }
}

fn algorithm(kind: PublicKeyKind) -> &'static SignatureAlgorithm {
    match kind {
        PublicKeyKind::EcP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        PublicKeyKind::EcP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        PublicKeyKind::Rsa { .. } => &rcgen::PKCS_RSA_SHA256,
    }
}

/// The TBSCertificate.
pub(super) fn certificate(
    order: &Order,
    subject_key: &PublicKey,
    signatory: &Signatory,
    serial: &Serial,
    validity: &Validity,
) -> Result<Vec<u8>, rcgen::Error> {
    let parameters = parameters(order, subject_key, serial, validity)?;
    let capture = Capture::of(&signatory.public_key);
    let issuer = rcgen::Issuer::new(signatory.parameters(), capture);
    parameters.signed_by(&Capture::of(subject_key), &issuer)?;
    Ok(issuer.key().tbs.take())
}

/// The TBSCertList.
pub(crate) fn capture_crl(parameters: &CertificateRevocationListParams, signatory: &Signatory) -> Result<Vec<u8>, rcgen::Error> {
    let capture = Capture::of(&signatory.public_key);
    let issuer = rcgen::Issuer::new(signatory.parameters(), capture);
    parameters.signed_by(&issuer)?;
    Ok(issuer.key().tbs.take())
}

fn parameters(order: &Order, subject_key: &PublicKey, serial: &Serial, validity: &Validity) -> Result<CertificateParams, rcgen::Error> {
    let rules = order.kind.rules();
    let mut parameters = CertificateParams::default();
    parameters.serial_number = Some(SerialNumber::from_slice(serial.as_bytes()));
    parameters.not_before = validity.not_before();
    parameters.not_after = validity.not_after();
    parameters.distinguished_name = subject(order)?;
    parameters.is_ca = match rules.basic {
        Basic::Authority { path_length: None } => IsCa::Ca(BasicConstraints::Unconstrained),
        Basic::Authority { path_length: Some(length) } => IsCa::Ca(BasicConstraints::Constrained(length)),
        // NoCa would leave out the subject key identifier.
        Basic::EndEntity => IsCa::ExplicitNoCa,
    };
    parameters.key_usages = rules.key_usage.to_vec();
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_identifier_method = KeyIdMethod::PreSpecified(subject_key.key_identifier().to_vec());
    if let Some(mail) = &order.mail {
        parameters.subject_alt_names = vec![SanType::Rfc822Name(mail.as_str().try_into()?)];
    }
    if let Some(crl) = &order.crl {
        parameters.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![crl.as_str().to_owned()] }];
    }
    parameters.custom_extensions = extensions(order);
    if rules.extended_criticality == Criticality::NotCritical {
        parameters.extended_key_usages =
            rules.extended_key_usage.iter().map(|purpose| ExtendedKeyUsagePurpose::Other(components(purpose))).collect();
    }
    Ok(parameters)
}

pub(super) fn subject(order: &Order) -> Result<DistinguishedName, rcgen::Error> {
    use crate::profiles::StringType;
    let mut name = DistinguishedName::new();
    for attribute in &order.subject {
        let value = match attribute.string_type {
            StringType::Printable => DnValue::PrintableString(attribute.value.as_str().try_into()?),
            StringType::Utf8 => DnValue::Utf8String(attribute.value.clone()),
        };
        name.push(DnType::from_oid(&components(&attribute.oid)), value);
    }
    Ok(name)
}

/// The extensions that rcgen does not know, or cannot mark critical.
fn extensions(order: &Order) -> Vec<CustomExtension> {
    let rules = order.kind.rules();
    let mut extensions = Vec::new();
    let mut push = |oid: &ObjectIdentifier, critical: bool, content: Vec<u8>| {
        let mut extension = CustomExtension::from_oid_content(&components(oid), content);
        extension.set_criticality(critical);
        extensions.push(extension);
    };
    if rules.extended_criticality == Criticality::Critical {
        let purposes: Vec<u8> =
            rules.extended_key_usage.iter().flat_map(|purpose| tlv(Tag::ObjectIdentifier, purpose.as_bytes())).collect();
        push(&oid::EXTENDED_KEY_USAGE, true, tlv(Tag::Sequence, &purposes));
    }
    if !order.policies.is_empty() {
        push(&oid::CERTIFICATE_POLICIES, false, policies(&order.policies));
    }
    if order.ocsp.is_some() || order.issuer_certificate.is_some() {
        let access = access(order.ocsp.as_ref(), order.issuer_certificate.as_ref());
        push(&oid::AUTHORITY_INFORMATION_ACCESS, false, access);
    }
    if let Some(statements) = &order.statements {
        push(&oid::QC_STATEMENTS, false, statements.clone());
    }
    if rules.no_check == Presence::Required {
        push(&oid::OCSP_NO_CHECK, false, tlv(Tag::Null, &[]));
    }
    extensions
}

/// certificatePolicies without qualifiers (RFC 5280 section 4.2.1.4).
fn policies(policies: &[ObjectIdentifier]) -> Vec<u8> {
    let list: Vec<u8> = policies.iter().flat_map(|policy| tlv(Tag::Sequence, &tlv(Tag::ObjectIdentifier, policy.as_bytes()))).collect();
    tlv(Tag::Sequence, &list)
}

/// authorityInfoAccess (RFC 5280 section 4.2.2.1).
fn access(ocsp: Option<&HttpUrl>, issuer_certificate: Option<&HttpUrl>) -> Vec<u8> {
    let one = |method: ObjectIdentifier, url: &HttpUrl| {
        let content = [tlv(Tag::ObjectIdentifier, method.as_bytes()), tlv(Tag::Context(6), url.as_str().as_bytes())];
        tlv(Tag::Sequence, &content.concat())
    };
    let mut list = Vec::new();
    if let Some(url) = ocsp {
        list.extend(one(oid::ACCESS_OCSP, url));
    }
    if let Some(url) = issuer_certificate {
        list.extend(one(oid::ACCESS_CA_ISSUERS, url));
    }
    tlv(Tag::Sequence, &list)
}
