//! Paths: ours lead to their root, and each way of not leading there has its own name.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::process::Command;

use certs::path::{Budget, Chain, Material, PathError, Purpose, verify};
use certs::profiles::{encryption, mail, notice, responder, signing, timestamp};
use support::{World, authority, employee, mailbox, pointers, run};
use time::{Duration, OffsetDateTime};

struct Case {
    world: World,
    leaf: Vec<u8>,
}

impl Case {
    fn signing() -> Self {
        let world = World::new();
        let leaf = world.issue(&signing::order(&employee(), None, &pointers(), &world.practice), "leaf", 10).der;
        Self { world, leaf }
    }

    fn verify(&self, leaf: &[u8], at: OffsetDateTime, purpose: Purpose) -> Result<Chain, PathError> {
        let (intermediates, anchors) = ([self.world.issuing.certificate_der().to_vec()], [self.world.root.certificate_der().to_vec()]);
        verify(&Material { leaf, intermediates: &intermediates, anchors: &anchors }, at, purpose, &Budget::default())
    }

    fn at(&self) -> OffsetDateTime {
        self.world.start + Duration::hours(2)
    }
}

#[test]
fn our_certificates_lead_to_our_root_for_their_own_purpose_only() {
    let Case { world, leaf } = Case::signing();
    let (pointers, practice) = (pointers(), &world.practice);
    let leaves = [
        (leaf, vec![Purpose::DocumentSignature, Purpose::MailSignature, Purpose::ClientAuthentication]),
        (
            world.issue(&mail::order(&employee(), &mailbox(), &pointers, practice), "mail", 11).der,
            vec![Purpose::DocumentSignature, Purpose::MailSignature, Purpose::ClientAuthentication],
        ),
        (world.issue(&encryption::order(&employee(), &mailbox(), &pointers, practice), "encryption", 12).der, vec![]),
        (world.issue(&timestamp::order(&authority("Segl DEMO TSA"), &pointers, practice), "tsa", 13).der, vec![Purpose::TimeStamp]),
        (
            world.issue(&notice::order(&mailbox(), &pointers, practice).unwrap(), "notice", 14).der,
            vec![Purpose::MailSignature, Purpose::DocumentSignature],
        ),
        (
            world.issue(&responder::order(&authority("Segl DEMO OCSP"), &pointers.issuer_certificate, 60, practice), "ocsp", 15).der,
            vec![Purpose::OcspResponse],
        ),
    ];
    let case = Case { world, leaf: Vec::new() };
    let all =
        [Purpose::DocumentSignature, Purpose::MailSignature, Purpose::TimeStamp, Purpose::OcspResponse, Purpose::ClientAuthentication];
    for (leaf, allowed) in &leaves {
        for purpose in all {
            match case.verify(leaf, case.at(), purpose) {
                Ok(chain) => {
                    assert!(allowed.contains(&purpose), "{purpose:?}");
                    let expected = [leaf.as_slice(), case.world.issuing.certificate_der(), case.world.root.certificate_der()];
                    assert_eq!(chain.certificates(), expected);
                    assert_eq!(chain.issuer(), case.world.issuing.certificate_der());
                }
                Err(error) => assert!(matches!(error, PathError::Purpose) && !allowed.contains(&purpose), "{purpose:?}: {error:?}"),
            }
        }
    }
}

#[test]
fn time_is_an_argument() {
    let case = Case::signing();
    let at = |offset| case.verify(&case.leaf, case.world.start + offset, Purpose::DocumentSignature);
    assert!(at(Duration::ZERO).is_ok());
    assert!(at(Duration::days(1095) - Duration::seconds(2)).is_ok());
    let (late, early) = (at(Duration::days(1095)), at(-Duration::seconds(2)));
    assert!(matches!(late, Err(PathError::Expired { depth: 0 })), "{late:?}");
    assert!(matches!(early, Err(PathError::NotYetValid { .. })), "{early:?}");
}

#[test]
fn each_broken_path_has_its_own_name() {
    let case = Case::signing();
    let other = World::new();
    let (leaf, at) = (case.leaf.as_slice(), case.at());
    let (issuing, root) = (vec![case.world.issuing.certificate_der().to_vec()], vec![case.world.root.certificate_der().to_vec()]);
    let check = |material: Material<'_>, budget: &Budget| verify(&material, at, Purpose::DocumentSignature, budget);
    let budget = Budget::default();

    let alone = check(Material { leaf, intermediates: &[], anchors: &root }, &budget);
    assert!(matches!(alone, Err(PathError::NoPath { depth: 0 })), "{alone:?}");

    let strangers = vec![other.root.certificate_der().to_vec()];
    let offered: Vec<_> = issuing.iter().chain(&root).cloned().collect();
    let untrusted = check(Material { leaf, intermediates: &offered, anchors: &strangers }, &budget);
    assert!(matches!(untrusted, Err(PathError::Untrusted)), "{untrusted:?}");

    let mut forged = leaf.to_vec();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let forged = check(Material { leaf: &forged, intermediates: &issuing, anchors: &root }, &budget);
    assert!(matches!(forged, Err(PathError::BadSignature { depth: 0 })), "{forged:?}");

    let short = check(Material { leaf, intermediates: &issuing, anchors: &root }, &Budget { intermediates: 0, ..budget });
    assert!(matches!(short, Err(PathError::TooDeep { limit: 0 })), "{short:?}");

    let many = check(Material { leaf, intermediates: &issuing, anchors: &root }, &Budget { certificates: 1, ..budget });
    assert!(matches!(many, Err(PathError::Budget)), "{many:?}");

    let garbage = check(Material { leaf: b"garbage", intermediates: &issuing, anchors: &root }, &budget);
    assert!(matches!(garbage, Err(PathError::Encoding(_))), "{garbage:?}");

    // An issuing authority may itself be the anchor.
    assert!(check(Material { leaf, intermediates: &[], anchors: &issuing }, &budget).is_ok());
}

/// A leaf that signs another certificate with its own key, made by OpenSSL, which we could not make.
#[test]
fn a_leaf_is_no_authority() {
    let directory = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let (good, said) = run(Command::new("openssl").current_dir(directory.path()).args(arguments.split(' ')));
        assert!(good, "{said}");
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!("req -x509 {key} -keyout root.key -out root -days 9 -subj /CN=Root"));
    openssl(&format!(
        "req -x509 {key} -keyout mid.key -out mid -days 9 -subj /CN=Mid -CA root -CAkey root.key -addext basicConstraints=critical,CA:FALSE"
    ));
    openssl(&format!(
        "req -x509 {key} -keyout leaf.key -out leaf -days 9 -subj /CN=Leaf -CA mid -CAkey mid.key -addext basicConstraints=critical,CA:FALSE"
    ));
    let read = |name: &str| openssl::x509::X509::from_pem(&std::fs::read(directory.path().join(name)).unwrap()).unwrap().to_der().unwrap();
    let (leaf, mid, root) = (read("leaf"), [read("mid")], [read("root")]);
    let at = World::new().start + Duration::hours(1) + Duration::minutes(5);
    let refused =
        verify(&Material { leaf: &leaf, intermediates: &mid, anchors: &root }, at, Purpose::DocumentSignature, &Budget::default());
    assert!(matches!(refused, Err(PathError::NotAnAuthority { depth: 1 })), "{refused:?}");
}

/// A root and a leaf of a stranger's making, the leaf signed over this digest.
fn foreign(digest: openssl::hash::MessageDigest) -> (Vec<u8>, Vec<u8>) {
    use openssl::asn1::Asn1Time;
    use openssl::bn::BigNum;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::pkey::PKey;
    use openssl::x509::extension::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier};
    use openssl::x509::{X509, X509NameBuilder};

    let key = PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap()).unwrap()).unwrap();
    let make = |common_name: &str, issuer: Option<&X509>, digest| {
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", common_name).unwrap();
        let name = name.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(issuer.map_or(&*name, |issuer| issuer.subject_name())).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_serial_number(&BigNum::from_u32(77).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_not_before(&Asn1Time::from_str("20200101000000Z").unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_str("20491231235959Z").unwrap()).unwrap();
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(issuer.map(|issuer| &**issuer), None)).unwrap();
        builder.append_extension(identifier).unwrap();
        if let Some(issuer) = issuer {
            let above = AuthorityKeyIdentifier::new().keyid(true).build(&builder.x509v3_context(Some(issuer), None)).unwrap();
            builder.append_extension(above).unwrap();
            builder.append_extension(KeyUsage::new().critical().digital_signature().build().unwrap()).unwrap();
        } else {
            builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
            builder.append_extension(KeyUsage::new().critical().key_cert_sign().build().unwrap()).unwrap();
        }
        builder.sign(&key, digest).unwrap();
        builder.build()
    };
    let root = make("Elsewhere", None, openssl::hash::MessageDigest::sha256());
    let leaf = make("Somebody", Some(&root), digest);
    (root.to_der().unwrap(), leaf.to_der().unwrap())
}

#[test]
fn a_certificate_that_was_signed_over_sha1_leads_nowhere() {
    let at = time::macros::datetime!(2026-11-22 12:00 UTC);
    let verdict = |digest| {
        let (root, leaf) = foreign(digest);
        verify(&Material { leaf: &leaf, intermediates: &[], anchors: &[root] }, at, Purpose::DocumentSignature, &Budget::default())
    };
    verdict(openssl::hash::MessageDigest::sha256()).unwrap();
    let refused = verdict(openssl::hash::MessageDigest::sha1()).unwrap_err();
    assert!(matches!(refused, PathError::Rule { depth: 0, .. }), "{refused:?}");
}
