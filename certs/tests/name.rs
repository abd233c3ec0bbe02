//! What may stand in a name, and which field, rule and position a refusal names.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use certs::name::{
    Checksum, CommonName, Country, Cvr, EmailAddress, Field, HttpUrl, LocalIdentifier, NameError, OrganizationIdentifier, OrganizationName,
    PersonIdentifier, Surname,
};

/// From Erhvervsstyrelsen's page on modulus 11 and from companies that exist.
#[test]
fn known_cvr_numbers_pass_modulus_11_and_known_test_numbers_fail_it() {
    for right in ["13748136", "30808460", "34051178", "31938260", "20016175", "26912865", "46837428", "30060946"] {
        assert_eq!(Cvr::parse(right, Checksum::Required).unwrap().as_str(), right);
    }
    for wrong in ["12345678", "93444782", "91026150", "94354969", "80123565"] {
        assert_eq!(Cvr::parse(wrong, Checksum::Required), Err(NameError::Checksum), "{wrong}");
        assert!(Cvr::parse(wrong, Checksum::NotChecked).is_ok(), "{wrong}");
    }
    for malformed in ["", "1374813", "137481360", "1374813a", "DK13748136", "０3748136", "03748136", " 3748136"] {
        assert_eq!(Cvr::parse(malformed, Checksum::NotChecked), Err(NameError::Form { field: Field::Cvr }), "{malformed:?}");
    }
}

#[test]
fn danish_letters_stay_and_come_out_composed() {
    assert_eq!(CommonName::parse("  Åse Ødegård Sørensen ").unwrap().as_str(), "Åse Ødegård Sørensen");
    // A with combining ring, as some systems write it.
    assert_eq!(CommonName::parse("A\u{30a}se").unwrap().as_str(), "\u{c5}se");
}

#[test]
fn sixty_four_characters_fit_and_sixty_five_do_not() {
    assert!(OrganizationName::parse(&"æ".repeat(64)).is_ok());
    let refused = OrganizationName::parse(&"æ".repeat(65));
    assert_eq!(refused, Err(NameError::TooLong { field: Field::OrganizationName, length: 65, limit: 64 }));
}

#[test]
fn characters_that_deceive_are_refused_by_position() {
    let refused = |input: &str| CommonName::parse(input).unwrap_err();
    let (field, position) = (Field::CommonName, 4);
    for control in ['\0', '\n', '\u{7f}', '\u{85}'] {
        assert_eq!(refused(&format!("abc{control}d")), NameError::ControlCharacter { field, position });
    }
    for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{ad}', '\u{2028}', '\u{e0041}'] {
        assert_eq!(refused(&format!("abc{hidden}d")), NameError::BidirectionalCharacter { field, position }, "{hidden:?}");
    }
    assert_eq!(Surname::parse(" \t"), Err(NameError::Empty { field: Field::Surname }));
}

#[test]
fn mailboxes_are_plain_ascii_with_a_real_domain() {
    for right in ["ase@bageri.example.com", "a.b+c@x-y.dk", "o'hara@example.dk", "ase@xn--rbakke-mua8o.example.com"] {
        assert_eq!(EmailAddress::parse(right).unwrap().as_str(), right);
    }
    assert_eq!(EmailAddress::parse("Ase@Bageri.EXAMPLE.dk").unwrap().as_str(), "Ase@bageri.example.dk");
    let wrong = [
        "",
        "ase",
        "@example.dk",
        "ase@",
        "ase@localhost",
        "ase@@example.dk",
        "a b@example.dk",
        "ase@exam ple.dk",
        "ase@example..dk",
        ".ase@example.dk",
        "a..b@example.dk",
        "ase.@example.dk",
        "åse@example.dk",
        "ase@ærø.dk",
        "not an email\0",
        "a\0@example.dk",
        "ase@-example.dk",
        "ase@example-.dk",
        "ase@[127.0.0.1]",
        "ase@127.0.0.1",
        "\"a b\"@example.dk",
        "ase@example.dk\r\nBcc: x@y.dk",
        "ase@exa_mple.dk",
        "<ase@example.dk>",
    ];
    for input in wrong {
        assert!(EmailAddress::parse(input).is_err(), "{input:?}");
    }
    assert!(EmailAddress::parse(&format!("{}@example.dk", "x".repeat(65))).is_err());
    assert!(EmailAddress::parse(&format!("{}@{}.dk", "x".repeat(60), "a.".repeat(100) + "a")).is_err(), "more than 254");
    let position = EmailAddress::parse("ase\0@example.dk").unwrap_err();
    assert_eq!(position, NameError::ControlCharacter { field: Field::EmailAddress, position: 4 });
}

#[test]
fn identifiers_have_the_forms_of_en_319_412_1() {
    let cvr = Cvr::parse("30808460", Checksum::Required).unwrap();
    assert_eq!(OrganizationIdentifier::Registered(cvr).to_string(), "NTRDK-30808460");
    let own = LocalIdentifier::parse("00042").unwrap();
    assert_eq!(OrganizationIdentifier::Association(own).to_string(), "FO:DK-00042");
    let person = PersonIdentifier::employee(uuid::Uuid::from_u128(1));
    assert_eq!(person.to_string(), "UI:DK-E:G:00000000-0000-0000-0000-000000000001");
    for wrong in ["", "-1", "1-", "a", "1 2", "Å", &"1".repeat(33)] {
        assert!(LocalIdentifier::parse(wrong).is_err(), "{wrong:?}");
    }
    for wrong in ["dk", "D", "DNK", "D1", "ÆØ"] {
        assert!(Country::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn addresses_in_certificates_are_plain_http() {
    assert!(HttpUrl::parse("http://pki.example.dk:8080/pki/a.crl").is_ok());
    for wrong in
        ["https://pki.example.dk/a", "ldap://x", "http://", "http:///a", "http://u@h/", "http://h/ a", "http://h/æ", "http://h/\"", "/a"]
    {
        assert!(HttpUrl::parse(wrong).is_err(), "{wrong:?}");
    }
    assert!(HttpUrl::parse(&format!("http://h/{}", "a".repeat(1024))).is_err());
}
