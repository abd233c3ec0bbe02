//! The extensions: exactly those of the profile, marked as it says, with its content.

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Decode;
use x509_cert::TbsCertificate;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage,
    KeyUsage, KeyUsages, SubjectAltName, SubjectKeyIdentifier,
};

use super::{Finding, Pointer, is_elliptic, subject};
use crate::ca::issuer::Signatory;
use crate::name::{EmailAddress, Host, HttpUrl};
use crate::oid;
use crate::profiles::{Basic, Criticality, Presence, Rules};
use crate::public_key::PublicKey;

pub(super) fn check(tbs: &TbsCertificate, rules: &Rules, key: &PublicKey, signatory: &Signatory, found: &mut Vec<Finding>) {
    marks(tbs, rules, found);
    identifiers(tbs, key, signatory, found);
    usages(tbs, rules, key, found);
    basic(tbs, rules, found);
    policies(tbs, rules, found);
    names(tbs, rules, found);
    pointers(tbs, rules, found);
    let statements = raw(tbs, &oid::QC_STATEMENTS);
    if !fits(rules.statements, statements.is_some()) {
        found.push(Finding::Statements);
    }
    let no_check = raw(tbs, &oid::OCSP_NO_CHECK);
    if !fits(rules.no_check, no_check.is_some()) || no_check.is_some_and(|extension| extension.extn_value.as_bytes() != [5, 0]) {
        found.push(Finding::NoCheck);
    }
}

fn all(tbs: &TbsCertificate) -> &[Extension] {
    tbs.extensions.as_deref().unwrap_or_default()
}

fn raw<'a>(tbs: &'a TbsCertificate, oid: &ObjectIdentifier) -> Option<&'a Extension> {
    all(tbs).iter().find(|extension| extension.extn_id == *oid)
}

/// The parsed extension; `None` also when it cannot be read, which is then a finding of its own.
fn parsed<'a, T>(tbs: &'a TbsCertificate, found: &mut Vec<Finding>) -> Option<T>
where
    T: Decode<'a> + AssociatedOid,
{
    let extension = raw(tbs, &T::OID)?;
    let content = T::from_der(extension.extn_value.as_bytes());
    if content.is_err() {
        found.push(Finding::ExtensionUnreadable { oid: T::OID });
    }
    content.ok()
}

fn fits(presence: Presence, present: bool) -> bool {
    match presence {
        Presence::Required => present,
        Presence::Optional => true,
        Presence::Forbidden => !present,
    }
}

/// RFC 5280 section 4.2 and each extension's own section.
fn marks(tbs: &TbsCertificate, rules: &Rules, found: &mut Vec<Finding>) {
    let mut seen = Vec::new();
    for extension in all(tbs) {
        let oid = extension.extn_id;
        if seen.contains(&oid) {
            found.push(Finding::ExtensionRepeated { oid });
        }
        seen.push(oid);
        let critical = match oid {
            oid::KEY_USAGE | oid::BASIC_CONSTRAINTS => true,
            oid::EXTENDED_KEY_USAGE => rules.extended_criticality == Criticality::Critical,
            oid::SUBJECT_KEY_IDENTIFIER
            | oid::AUTHORITY_KEY_IDENTIFIER
            | oid::SUBJECT_ALTERNATIVE_NAME
            | oid::CRL_DISTRIBUTION_POINTS
            | oid::CERTIFICATE_POLICIES
            | oid::AUTHORITY_INFORMATION_ACCESS
            | oid::QC_STATEMENTS
            | oid::OCSP_NO_CHECK => false,
            _ => {
                found.push(Finding::ExtensionUnknown { oid });
                continue;
            }
        };
        if extension.critical != critical {
            found.push(Finding::ExtensionCriticality { oid });
        }
    }
}

fn identifiers(tbs: &TbsCertificate, key: &PublicKey, signatory: &Signatory, found: &mut Vec<Finding>) {
    let subject = parsed::<SubjectKeyIdentifier>(tbs, found);
    if subject.is_none_or(|identifier| identifier.0.as_bytes() != key.key_identifier()) {
        found.push(Finding::SubjectKeyIdentifier);
    }
    let authority = parsed::<AuthorityKeyIdentifier>(tbs, found);
    let expected = signatory.public_key.key_identifier();
    let right = authority.is_some_and(|identifier| {
        identifier.key_identifier.is_some_and(|octets| octets.as_bytes() == expected)
            && identifier.authority_cert_issuer.is_none()
            && identifier.authority_cert_serial_number.is_none()
    });
    if !right {
        found.push(Finding::AuthorityKeyIdentifier);
    }
}

fn usages(tbs: &TbsCertificate, rules: &Rules, key: &PublicKey, found: &mut Vec<Finding>) {
    let expected = rules.key_usage.of(key.kind());
    match parsed::<KeyUsage>(tbs, found) {
        Some(usage) => {
            if usage.0 != expected {
                found.push(Finding::KeyUsage);
            }
            let enciphers = usage.0.contains(KeyUsages::KeyEncipherment) || usage.0.contains(KeyUsages::DataEncipherment);
            let agrees = usage.0.contains(KeyUsages::KeyAgreement);
            let elliptic = is_elliptic(key.kind());
            if (elliptic && enciphers) || (!elliptic && agrees) {
                found.push(Finding::KeyUsageNotOfKey);
            }
        }
        None => found.push(Finding::KeyUsage),
    }
    let purposes = parsed::<ExtendedKeyUsage>(tbs, found).map_or_else(Vec::new, |usage| usage.0);
    if purposes.contains(&oid::ANY_EXTENDED_KEY_USAGE) {
        found.push(Finding::AnyExtendedKeyUsage);
    }
    if purposes != rules.extended_key_usage {
        found.push(Finding::ExtendedKeyUsage);
    }
}

fn basic(tbs: &TbsCertificate, rules: &Rules, found: &mut Vec<Finding>) {
    let constraints = parsed::<BasicConstraints>(tbs, found);
    let right = match rules.basic {
        Basic::Authority { path_length } => constraints.is_some_and(|basic| basic.ca && basic.path_len_constraint == path_length),
        Basic::EndEntity => constraints.is_some_and(|basic| !basic.ca && basic.path_len_constraint.is_none()),
    };
    if !right {
        found.push(Finding::BasicConstraints);
    }
}

fn policies(tbs: &TbsCertificate, rules: &Rules, found: &mut Vec<Finding>) {
    let list = parsed::<CertificatePolicies>(tbs, found).map_or_else(Vec::new, |list| list.0);
    let has = |oid| list.iter().any(|policy| policy.policy_identifier == oid);
    let qualified = list.iter().any(|policy| policy.policy_qualifiers.is_some());
    let right = if rules.policies.is_empty() {
        list.iter().all(|policy| policy.policy_identifier == oid::ANY_POLICY)
    } else {
        let own = |policy: &ObjectIdentifier| rules.policies.iter().any(|arcs| ends_with(policy, arcs));
        !has(oid::ANY_POLICY) && list.first().is_some_and(|policy| own(&policy.policy_identifier))
    };
    if !right || qualified {
        found.push(Finding::Policies);
    }
    let baseline = has(oid::SMIME_SPONSOR_MULTIPURPOSE) || has(oid::SMIME_ORGANIZATION_MULTIPURPOSE);
    if baseline && !subject::is_registered(tbs) {
        found.push(Finding::BaselinePolicy);
    }
}

fn ends_with(policy: &ObjectIdentifier, arcs: &[u32; 2]) -> bool {
    let last_two = policy.arcs().fold([0; 2], |[_, last], next| [last, next]);
    last_two == *arcs
}

/// subjectAltName: one mailbox, or hosts, each in its canonical form.
fn names(tbs: &TbsCertificate, rules: &Rules, found: &mut Vec<Finding>) {
    let names = parsed::<SubjectAltName>(tbs, found).map(|names| names.0).unwrap_or_default();
    let present = raw(tbs, &oid::SUBJECT_ALTERNATIVE_NAME).is_some();
    let (mut mailboxes, mut hosts) = (0, 0);
    for name in &names {
        if is_mailbox(name) {
            mailboxes += 1;
        } else if is_host(name) {
            hosts += 1;
        }
    }
    let known = mailboxes + hosts == names.len() && present != names.is_empty();
    if !known || mailboxes > 1 || !fits(rules.mail, mailboxes > 0) || !fits(rules.hosts, hosts > 0) {
        found.push(Finding::Mail);
    }
}

fn is_mailbox(name: &GeneralName) -> bool {
    if let GeneralName::Rfc822Name(address) = name {
        EmailAddress::parse(address.as_str()).is_ok_and(|parsed| parsed.as_str() == address.as_str())
    } else {
        false
    }
}

fn is_host(name: &GeneralName) -> bool {
    if let GeneralName::DnsName(host) = name {
        Host::parse(host.as_str()).is_ok_and(|parsed| parsed == Host::Name(host.as_str().to_owned()))
    } else if let GeneralName::IpAddress(octets) = name {
        matches!(octets.as_bytes().len(), 4 | 16)
    } else {
        false
    }
}

fn pointers(tbs: &TbsCertificate, rules: &Rules, found: &mut Vec<Finding>) {
    let access = parsed::<AuthorityInfoAccessSyntax>(tbs, found).map_or_else(Vec::new, |list| list.0);
    let of = |method: ObjectIdentifier| -> Vec<&GeneralName> {
        let described = access.iter().filter(|one| one.access_method == method);
        described.map(|one| &one.access_location).collect()
    };
    let (ocsp, issuer) = (of(oid::ACCESS_OCSP), of(oid::ACCESS_CA_ISSUERS));
    let points = parsed::<CrlDistributionPoints>(tbs, found).map_or_else(Vec::new, |list| list.0);
    let full_names: Vec<&GeneralName> = points
        .iter()
        .filter(|point| point.reasons.is_none() && point.crl_issuer.is_none())
        .filter_map(|point| match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => Some(names.iter()),
            Some(DistributionPointName::NameRelativeToCRLIssuer(_)) | None => None,
        })
        .flatten()
        .collect();
    for (what, presence, addresses) in [
        (Pointer::Ocsp, rules.ocsp, &ocsp),
        (Pointer::IssuerCertificate, rules.issuer_certificate, &issuer),
        (Pointer::Crl, rules.crl, &full_names),
    ] {
        if !fits(presence, !addresses.is_empty()) || !addresses.iter().all(|name| is_http(name)) {
            found.push(Finding::Pointer { what });
        }
    }
    if access.len() != ocsp.len() + issuer.len() || points.len() != full_names.len() {
        found.push(Finding::Pointer { what: Pointer::Crl });
    }
}

fn is_http(name: &GeneralName) -> bool {
    if let GeneralName::UniformResourceIdentifier(uri) = name { HttpUrl::parse(uri.as_str()).is_ok() } else { false }
}
