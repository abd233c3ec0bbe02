//! The subject: which attributes, once each, of which string type, length and form.

use const_oid::ObjectIdentifier;
use der::{Tag, Tagged};
use x509_cert::TbsCertificate;

use super::Finding;
use crate::name::{Checksum, CommonName, Country, Cvr, LocalIdentifier};
use crate::oid;
use crate::profiles::Kind;

pub(super) fn check(tbs: &TbsCertificate, kind: Kind, found: &mut Vec<Finding>) {
    let mut seen: Vec<ObjectIdentifier> = Vec::new();
    for set in &tbs.subject.0 {
        for attribute in set.0.iter() {
            let oid = attribute.oid;
            if seen.contains(&oid) || set.0.len() > 1 {
                found.push(Finding::SubjectAttributeRepeated { oid });
            }
            seen.push(oid);
            let text = std::str::from_utf8(attribute.value.value()).unwrap_or_default();
            match value_is_right(oid, attribute.value.tag(), text) {
                Some(true) => {}
                Some(false) => found.push(Finding::SubjectAttributeValue { oid }),
                None => found.push(Finding::SubjectAttributeUnknown { oid }),
            }
        }
    }
    for oid in kind.rules().subject {
        if !seen.contains(oid) {
            found.push(Finding::SubjectAttributeMissing { oid: *oid });
        }
    }
}

/// `None` for an attribute that no profile has.
fn value_is_right(oid: ObjectIdentifier, tag: Tag, text: &str) -> Option<bool> {
    let right = match oid {
        oid::COUNTRY => tag == Tag::PrintableString && Country::parse(text).is_ok(),
        oid::SERIAL_NUMBER => tag == Tag::PrintableString && (1..=64).contains(&text.len()) && text.is_ascii(),
        oid::ORGANIZATION_IDENTIFIER => tag == Tag::Utf8String && is_identifier(text),
        oid::COMMON_NAME | oid::ORGANIZATION | oid::GIVEN_NAME | oid::SURNAME => {
            // One bound and one rule for all four; parsing must change nothing.
            let string = tag == Tag::Utf8String || tag == Tag::PrintableString;
            string && CommonName::parse(text).is_ok_and(|parsed| parsed.as_str() == text)
        }
        _ => return None,
    };
    Some(right)
}

/// EN 319 412-1 section 5.1.4: the trade register, or the local scheme of this service.
fn is_identifier(text: &str) -> bool {
    match (text.strip_prefix("NTRDK-"), text.strip_prefix("FO:DK-")) {
        (Some(cvr), _) => Cvr::parse(cvr, Checksum::NotChecked).is_ok(),
        (None, Some(local)) => LocalIdentifier::parse(local).is_ok(),
        (None, None) => false,
    }
}

/// Whether the organisation stands in a register: what the BR policies need.
pub(super) fn is_registered(tbs: &TbsCertificate) -> bool {
    let attributes = tbs.subject.0.iter().flat_map(|set| set.0.iter());
    attributes
        .filter(|attribute| attribute.oid == oid::ORGANIZATION_IDENTIFIER)
        .any(|attribute| attribute.value.value().starts_with(b"NTR"))
}
