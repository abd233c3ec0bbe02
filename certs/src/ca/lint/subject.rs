//! The subject: which attributes, once each, of which string type, length and form.

use const_oid::ObjectIdentifier;
use der::{Tag, Tagged};
use x509_cert::TbsCertificate;
use x509_cert::attr::AttributeTypeAndValue;

use super::Finding;
use crate::name::{Checksum, CommonName, Country, Cvr, LocalIdentifier};
use crate::oid;
use crate::profiles::{Family, Kind, YOUTH_NOTICE, oces2};

pub(super) fn check(tbs: &TbsCertificate, (kind, family): (Kind, Family), found: &mut Vec<Finding>) {
    let combines = match family {
        Family::Default => false,
        Family::Oces2 => {
            if !is_of_oces2(tbs, kind) {
                found.push(Finding::SubjectForm);
            }
            true
        }
    };
    let mut seen: Vec<ObjectIdentifier> = Vec::new();
    for set in &tbs.subject.0 {
        for attribute in set.0.iter() {
            let oid = attribute.oid;
            if seen.contains(&oid) || (set.0.len() > 1 && !combines) {
                found.push(Finding::SubjectAttributeRepeated { oid });
            }
            seen.push(oid);
            let text = std::str::from_utf8(attribute.value.value()).unwrap_or_default();
            match value_is_right(oid, attribute.value.tag(), text, (kind, family)) {
                Some(true) => {}
                Some(false) => found.push(Finding::SubjectAttributeValue { oid }),
                None => found.push(Finding::SubjectAttributeUnknown { oid }),
            }
        }
    }
    for oid in kind.rules_in(family).subject {
        if !seen.contains(oid) {
            found.push(Finding::SubjectAttributeMissing { oid: *oid });
        }
    }
}

/// `None` for an attribute that no profile has.
fn value_is_right(oid: ObjectIdentifier, tag: Tag, text: &str, (kind, family): (Kind, Family)) -> Option<bool> {
    let right = match oid {
        oid::ORGANIZATIONAL_UNIT if kind == Kind::Signing => tag == Tag::Utf8String && text == youth_notice(family),
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

/// The one `OU` that we write, in a signing certificate alone: the rules for mail certificates know no such attribute.
const fn youth_notice(family: Family) -> &'static str {
    match family {
        Family::Default => YOUTH_NOTICE,
        Family::Oces2 => oces2::YOUTH_NOTICE,
    }
}

/// EN 319 412-1 section 5.1.4: the trade register, or the local scheme of this service.
fn is_identifier(text: &str) -> bool {
    match (text.strip_prefix("NTRDK-"), text.strip_prefix("FO:DK-")) {
        (Some(cvr), _) => Cvr::parse(cvr, Checksum::NotChecked).is_ok(),
        (None, Some(local)) => LocalIdentifier::parse(local).is_ok(),
        (None, None) => false,
    }
}

/// `C`, `O`, perhaps the youth notice, and one last set of `CN` and `serialNumber`, with the numbers of one company.
fn is_of_oces2(tbs: &TbsCertificate, kind: Kind) -> bool {
    let (country, organization, last) = match tbs.subject.0.as_slice() {
        [country, organization, last] => (country, organization, last),
        [country, organization, unit, last] => {
            let [unit] = unit.0.as_slice() else { return false };
            if unit.oid != oid::ORGANIZATIONAL_UNIT {
                return false;
            }
            (country, organization, last)
        }
        _ => return false,
    };
    let ([country], [organization]) = (country.0.as_slice(), organization.0.as_slice()) else { return false };
    if country.oid != oid::COUNTRY || organization.oid != oid::ORGANIZATION || last.0.len() != 2 {
        return false;
    }
    let number = last.0.iter().find(|attribute| attribute.oid == oid::SERIAL_NUMBER);
    let named = last.0.iter().any(|attribute| attribute.oid == oid::COMMON_NAME);
    let text = |attribute: &AttributeTypeAndValue| String::from_utf8(attribute.value.value().to_vec()).unwrap_or_default();
    named && number.is_some_and(|number| oces2::is_name(kind, &text(organization), &text(number)))
}

/// Whether the organisation is an association without a CVR number.
pub(super) fn is_association(tbs: &TbsCertificate) -> bool {
    identifiers(tbs).any(|identifier| identifier.starts_with(b"FO:"))
}

/// Whether the organisation stands in a register: what the BR policies need.
pub(super) fn is_registered(tbs: &TbsCertificate) -> bool {
    identifiers(tbs).any(|identifier| identifier.starts_with(b"NTR"))
}

fn identifiers(tbs: &TbsCertificate) -> impl Iterator<Item = &[u8]> {
    let attributes = tbs.subject.0.iter().flat_map(|set| set.0.iter());
    attributes.filter(|attribute| attribute.oid == oid::ORGANIZATION_IDENTIFIER).map(|attribute| attribute.value.value())
}
