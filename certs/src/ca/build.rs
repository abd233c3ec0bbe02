//! From an order to the bytes to be signed. Names are repeated and extensions written exactly as given, multi-valued RDNs and RSASSA-PSS
//! included; nothing here has a default of its own.

use const_oid::ObjectIdentifier;
use der::asn1::{BitString, GeneralizedTime, Ia5String, OctetString, UtcTime};
use der::{Any, DateTime, Decode, Encode, Tag};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use time::OffsetDateTime;
use x509_cert::TbsCertificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::certificate::Version;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, SubjectAltName, SubjectKeyIdentifier, certpolicy::PolicyInformation,
};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

use super::issuer::Signatory;
use crate::name::{Host, HttpUrl};
use crate::oid;
use crate::profiles::{Basic, Criticality, Order, Presence, StringType};
use crate::public_key::PublicKey;
use crate::serial::Serial;
use crate::validity::Validity;

/// The TBSCertificate.
pub(super) fn certificate(
    order: &Order,
    subject_key: &PublicKey,
    signatory: &Signatory,
    serial: &Serial,
    validity: &Validity,
) -> Result<Vec<u8>, der::Error> {
    TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(serial.as_bytes())?,
        signature: AlgorithmIdentifierOwned::from_der(&signatory.scheme.algorithm_identifier())?,
        issuer: Name::from_der(&signatory.name_der)?,
        validity: x509_cert::time::Validity { not_before: time(validity.not_before())?, not_after: time(validity.not_after())? },
        subject: subject(order)?,
        subject_public_key_info: SubjectPublicKeyInfoOwned::from_der(subject_key.spki())?,
        issuer_unique_id: None::<BitString>,
        subject_unique_id: None::<BitString>,
        extensions: Some(extensions(order, subject_key, signatory)?),
    }
    .to_der()
}

/// x509-cert's own conversion always writes GeneralizedTime; the rule is UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5).
fn time(at: OffsetDateTime) -> Result<Time, der::Error> {
    let at = DateTime::from_system_time(at.into())?;
    Ok(if at.year() < 2050 { Time::UtcTime(UtcTime::from_date_time(at)?) } else { Time::GeneralTime(GeneralizedTime::from_date_time(at)) })
}

fn subject(order: &Order) -> Result<Name, der::Error> {
    let mut sets = Vec::with_capacity(order.subject.len());
    for set in &order.subject {
        let mut values = Vec::with_capacity(set.len());
        for attribute in set {
            let tag = match attribute.string_type {
                StringType::Printable => Tag::PrintableString,
                StringType::Utf8 => Tag::Utf8String,
            };
            values.push(AttributeTypeAndValue { oid: attribute.oid, value: Any::new(tag, attribute.value.as_bytes())? });
        }
        sets.push(RelativeDistinguishedName(values.try_into()?));
    }
    Ok(RdnSequence(sets))
}

fn extensions(order: &Order, key: &PublicKey, signatory: &Signatory) -> Result<Vec<Extension>, der::Error> {
    let rules = order.rules();
    let mut list = Extensions(Vec::new());
    let identifier = OctetString::new(signatory.public_key.key_identifier())?;
    let authority = AuthorityKeyIdentifier { key_identifier: Some(identifier), ..AuthorityKeyIdentifier::default() };
    list.push(oid::AUTHORITY_KEY_IDENTIFIER, false, &authority)?;
    list.push(oid::SUBJECT_KEY_IDENTIFIER, false, &SubjectKeyIdentifier(OctetString::new(key.key_identifier())?))?;
    list.push(oid::BASIC_CONSTRAINTS, true, &basic(rules.basic))?;
    list.push(oid::KEY_USAGE, true, &KeyUsage(rules.key_usage.of(key.kind())))?;
    if !rules.extended_key_usage.is_empty() {
        let critical = rules.extended_criticality == Criticality::Critical;
        list.push(oid::EXTENDED_KEY_USAGE, critical, &ExtendedKeyUsage(rules.extended_key_usage.to_vec()))?;
    }
    let names = alternative_names(order)?;
    if !names.is_empty() {
        list.push(oid::SUBJECT_ALTERNATIVE_NAME, false, &SubjectAltName(names))?;
    }
    if !order.policies.is_empty() {
        let policy = |policy: &ObjectIdentifier| PolicyInformation { policy_identifier: *policy, policy_qualifiers: None };
        list.push(oid::CERTIFICATE_POLICIES, false, &CertificatePolicies(order.policies.iter().map(policy).collect()))?;
    }
    if let Some(crl) = &order.crl {
        let name = DistributionPointName::FullName(vec![uri(crl)?]);
        let point = DistributionPoint { distribution_point: Some(name), reasons: None, crl_issuer: None };
        list.push(oid::CRL_DISTRIBUTION_POINTS, false, &CrlDistributionPoints(vec![point]))?;
    }
    let access = access(order)?;
    if !access.is_empty() {
        list.push(oid::AUTHORITY_INFORMATION_ACCESS, false, &AuthorityInfoAccessSyntax(access))?;
    }
    if let Some(statements) = &order.statements {
        list.push(oid::QC_STATEMENTS, false, &Any::from_der(statements)?)?;
    }
    if rules.no_check == Presence::Required {
        list.push(oid::OCSP_NO_CHECK, false, &der::asn1::Null)?;
    }
    Ok(list.0)
}

struct Extensions(Vec<Extension>);

impl Extensions {
    fn push(&mut self, extn_id: ObjectIdentifier, critical: bool, content: &impl Encode) -> Result<(), der::Error> {
        self.0.push(Extension { extn_id, critical, extn_value: OctetString::new(content.to_der()?)? });
        Ok(())
    }
}

fn basic(basic: Basic) -> BasicConstraints {
    match basic {
        Basic::Authority { path_length } => BasicConstraints { ca: true, path_len_constraint: path_length },
        Basic::EndEntity => BasicConstraints { ca: false, path_len_constraint: None },
    }
}

fn alternative_names(order: &Order) -> Result<Vec<GeneralName>, der::Error> {
    let mut names = Vec::new();
    if let Some(mail) = &order.mail {
        names.push(GeneralName::Rfc822Name(Ia5String::new(mail.as_str())?));
    }
    for host in &order.hosts {
        names.push(match host {
            Host::Address(address) => GeneralName::from(*address),
            Host::Name(name) => GeneralName::DnsName(Ia5String::new(name)?),
        });
    }
    Ok(names)
}

/// authorityInfoAccess (RFC 5280 section 4.2.2.1).
fn access(order: &Order) -> Result<Vec<AccessDescription>, der::Error> {
    let mut list = Vec::new();
    for (access_method, url) in [(oid::ACCESS_OCSP, &order.ocsp), (oid::ACCESS_CA_ISSUERS, &order.issuer_certificate)] {
        if let Some(url) = url {
            list.push(AccessDescription { access_method, access_location: uri(url)? });
        }
    }
    Ok(list)
}

fn uri(url: &HttpUrl) -> Result<GeneralName, der::Error> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(url.as_str())?))
}
