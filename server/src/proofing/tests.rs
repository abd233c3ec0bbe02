//! The rule of proofing, row by row, out of the table itself; and every refusal in both languages.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::{
    ADULT, Channel, Country, Document, DocumentKind, DocumentRule, Expiry, Outcome, Prepared, Presented, ProofingError, RULES, Weight,
    YOUNGEST, examine, prepare, read, record, vouched,
};
use crate::platform::{
    actor::Author,
    day::Day,
    id::{CompanyId, EmployeeId, Id as _},
    secret::Secret,
    testing::{self, TestGround},
    words::{Language, Words},
};

const BORN: &str = "1980-05-17";

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn today() -> Day {
    day("2026-11-27")
}

/// A document that keeps every rule of its kind, where a channel takes it.
fn good(rule: &DocumentRule, channel: Channel) -> Presented {
    let country = match rule.taken_by(channel) {
        Some(Country::Eea) => "SE",
        Some(Country::Any) => "CA",
        Some(Country::Denmark) | None => "",
    };
    Presented {
        kind: rule.kind.word().to_owned(),
        country: country.to_owned(),
        issuer: "Slagelse Kommune".to_owned(),
        permit: rule.permits.first().map(|permit| permit.to_lowercase()).unwrap_or_default(),
        issued: rule.months.map(|months| today().months_later(-months).to_string()).unwrap_or_default(),
        expires: if rule.expiry == Expiry::Never { String::new() } else { today().to_string() },
        number: rule.numbered.then(|| Secret::new("20 81-23456".to_owned())),
    }
}

fn of(kind: DocumentKind) -> Presented {
    good(DocumentRule::of(kind), Channel::Desk)
}

fn judged(channel: Channel, documents: &[Presented]) -> Result<Outcome, Vec<(String, &'static str)>> {
    born(BORN, channel, documents)
}

fn born(birth: &str, channel: Channel, documents: &[Presented]) -> Result<Outcome, Vec<(String, &'static str)>> {
    let found = examine(channel, birth, documents, today());
    found.map(|examined| examined.outcome()).map_err(|refused| refused.faults.into_iter().map(|fault| (fault.field, fault.rule)).collect())
}

fn refused(documents: &[Presented]) -> Vec<(String, &'static str)> {
    judged(Channel::Desk, documents).unwrap_err()
}

fn lack(field: &str, rule: &'static str) -> (String, &'static str) {
    (field.to_owned(), rule)
}

#[test]
fn each_document_alone_counts_as_its_row_says_in_each_channel() {
    for channel in Channel::ALL {
        for rule in &RULES {
            let alone = judged(channel, &[good(rule, channel)]);
            let enough = rule.weight == Weight::Photo && rule.taken_by(channel).is_some();
            assert_eq!(alone.clone().ok(), enough.then_some(Outcome::HandedOver), "{channel:?} {:?}: {alone:?}", rule.kind);
        }
    }
    let online: Vec<_> = RULES.iter().filter(|rule| rule.taken_by(Channel::Online).is_some()).map(|rule| rule.kind).collect();
    assert_eq!(online, [DocumentKind::DrivingLicence, DocumentKind::Passport], "ordering online takes a passport or a driving licence");
}

#[test]
fn two_others_of_which_one_is_required_send_the_card_by_post_and_no_other_two_do() {
    let papers: Vec<_> = RULES.iter().filter(|rule| rule.weight != Weight::Photo).collect();
    assert_eq!(papers.len(), 5);
    for one in &papers {
        for other in &papers {
            let required = one.weight == Weight::Required || other.weight == Weight::Required;
            let found = judged(Channel::Desk, &[good(one, Channel::Desk), good(other, Channel::Desk)]);
            let enough = one.kind != other.kind && required;
            assert_eq!(found.clone().ok(), enough.then_some(Outcome::ByPost), "{:?} {:?}: {found:?}", one.kind, other.kind);
            // Nobody meets anybody on the net, and an administrator looks at a photo.
            assert!(judged(Channel::Online, &[good(one, Channel::Desk), good(other, Channel::Desk)]).is_err());
            assert!(judged(Channel::Company, &[good(one, Channel::Desk), good(other, Channel::Desk)]).is_err());
        }
    }
}

#[test]
fn what_has_expired_does_not_count_and_spoils_nothing() {
    let yesterday = today().days_later(-1).to_string();
    for rule in RULES.iter().filter(|rule| rule.expiry != Expiry::Never) {
        let expired = Presented { expires: yesterday.clone(), ..good(rule, Channel::Desk) };
        let found = judged(Channel::Desk, std::slice::from_ref(&expired)).unwrap_err();
        assert_eq!(found[0], lack("documents/0/expires", "field_proofing_expired"), "{:?}", rule.kind);
        let (health, baptism) = (of(DocumentKind::HealthCard), of(DocumentKind::BaptismOrNameCertificate));
        if rule.kind != DocumentKind::HealthCard {
            assert_eq!(judged(Channel::Desk, &[expired, health, baptism]).unwrap(), Outcome::ByPost, "{:?}", rule.kind);
        }
    }
}

#[test]
fn a_benefit_is_three_months_old_and_no_day_more() {
    let health = of(DocumentKind::HealthCard);
    let paid = |issued: &str| Presented { issued: issued.to_owned(), ..of(DocumentKind::BenefitStatement) };
    assert_eq!(judged(Channel::Desk, &[health.clone(), paid("2026-08-27")]).unwrap(), Outcome::ByPost);
    let old = refused(&[health.clone(), paid("2026-08-26")]);
    assert_eq!(old, [lack("documents/1/issued", "field_proofing_old"), lack("documents", "field_proofing_few")]);
    assert_eq!(refused(&[health.clone(), paid("2026-11-28")]), [lack("documents/1/issued", "field_future")]);
    assert_eq!(refused(&[health, paid("")]), [lack("documents/1/issued", "field_empty")]);
}

#[test]
fn nobody_under_fifteen_whatever_they_show_and_from_the_birthday_on_somebody() {
    let passport = of(DocumentKind::Passport);
    for (birth, outcome) in [("2011-11-28", None), ("2011-11-27", Some(Outcome::HandedOver))] {
        let found = born(birth, Channel::Desk, std::slice::from_ref(&passport));
        assert_eq!(found.clone().ok(), outcome, "{birth}");
        if outcome.is_none() {
            assert_eq!(found.unwrap_err(), [lack("birth_date", "field_proofing_young")]);
        }
    }
    for (birth, rule) in
        [("", "field_empty"), ("17/5/1980", "field_day"), ("2026-11-28", "field_birth_date"), ("1890-01-01", "field_birth_date")]
    {
        assert_eq!(born(birth, Channel::Desk, std::slice::from_ref(&passport)).unwrap_err(), [lack("birth_date", rule)], "{birth}");
    }
}

#[test]
fn the_youth_notice_ends_on_the_eighteenth_birthday() {
    let now = day("2026-11-27").begins();
    assert_eq!(read::youth_until(Some(day("2011-11-27")), now), Some(day("2029-11-27").begins()));
    assert_eq!(read::youth_until(Some(day("2008-11-28")), now), Some(day("2026-11-28").begins()));
    assert_eq!(read::youth_until(Some(day("2008-11-27")), now), None);
    assert_eq!(read::youth_until(None, now), None);
    assert_eq!((YOUNGEST, ADULT), (15, 18));
}

/// One document that breaks one rule.
fn broken(change: impl Fn(&mut Presented)) -> (String, &'static str) {
    let mut licence = of(DocumentKind::DrivingLicence);
    change(&mut licence);
    refused(&[licence]).remove(0)
}

#[test]
fn every_rule_broken_once_is_told_by_its_field() {
    let number = |text: &str| Some(Secret::new(text.to_owned()));
    let cases = [
        (broken(|one| one.kind = "library_card".to_owned()), lack("documents/0/kind", "field_choice")),
        (broken(|one| one.country = "DNK".to_owned()), lack("documents/0/country", "field_country")),
        (broken(|one| one.country = "US".to_owned()), lack("documents/0/country", "field_proofing_eea")),
        (broken(|one| one.issuer = " ".to_owned()), lack("documents/0/issuer", "field_empty")),
        (broken(|one| one.issuer = "Politi\u{202E}et".to_owned()), lack("documents/0/issuer", "field_hidden_character")),
        (broken(|one| one.expires = String::new()), lack("documents/0/expires", "field_empty")),
        (broken(|one| one.expires = "snart".to_owned()), lack("documents/0/expires", "field_day")),
        (broken(|one| one.number = None), lack("documents/0/number", "field_empty")),
        (broken(|one| one.number = number("17 05 80-1234")), lack("documents/0/number", "field_document_number_cpr")),
        (broken(|one| one.number = number("770580-1234")), lack("documents/0/number", "field_document_number_cpr")),
        (broken(|one| one.issuer = "Region Sjælland, 170580-1234".to_owned()), lack("documents/0/issuer", "field_issuer_cpr")),
        (broken(|one| one.number = number("Æ1")), lack("documents/0/number", "field_document_number")),
        (broken(|one| one.number = number(&"1".repeat(41))), lack("documents/0/number", "field_long")),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    let permit = Presented { permit: "B".to_owned(), ..of(DocumentKind::ResidencePermit) };
    assert_eq!(refused(&[permit])[0], lack("documents/0/permit", "field_proofing_permit"));
    let police = Presented { country: "SE".to_owned(), ..of(DocumentKind::PoliceCard) };
    assert_eq!(refused(&[police])[0], lack("documents/0/country", "field_proofing_denmark"));
    let health = Presented { number: number("1705801234"), ..of(DocumentKind::HealthCard) };
    assert_eq!(refused(&[health])[0], lack("documents/0/number", "field_document_number_needless"));
    assert_eq!(refused(&vec![of(DocumentKind::Passport); 9]), [lack("documents", "field_many")]);
    assert_eq!(refused(&[]), [lack("documents", "field_proofing_few")]);
    let twice = vec![of(DocumentKind::HealthCard); 2];
    assert_eq!(refused(&twice), [lack("documents/1/kind", "field_proofing_same_kind"), lack("documents", "field_proofing_few")]);
    let others = [of(DocumentKind::TaxAssessment), of(DocumentKind::BirthAndNameCertificate)];
    assert_eq!(refused(&others), [lack("documents", "field_proofing_required")]);
    let here = |channel, kind| judged(channel, &[of(kind)]).unwrap_err();
    assert_eq!(here(Channel::Company, DocumentKind::HealthCard)[0], lack("documents/0/kind", "field_proofing_company"));
    assert_eq!(here(Channel::Company, DocumentKind::HealthCard)[1], lack("documents", "field_proofing_photo"));
    assert_eq!(here(Channel::Online, DocumentKind::BankCard)[0], lack("documents/0/kind", "field_proofing_online"));
    assert_eq!(here(Channel::Online, DocumentKind::BankCard)[1], lack("documents", "field_proofing_photo_online"));
}

#[test]
fn every_refusal_and_every_document_has_words_in_both_languages() {
    let expired = Presented { expires: "2026-01-02".to_owned(), ..of(DocumentKind::Passport) };
    let young = examine(Channel::Desk, "2015-01-01", &[expired], today()).err().unwrap().faults;
    let sentences = |language: Language| young.iter().map(|fault| fault.sentence(language)).collect::<Vec<_>>();
    assert_eq!(
        sentences(Language::Da),
        ["Dokumentet udløb den 2026-01-02 og tæller ikke med.", "Personen er ikke fyldt 15 år og kan derfor ikke få en signatur."]
    );
    assert_eq!(
        sentences(Language::En),
        [
            "The document expired on 2026-01-02 and does not count.",
            "The person is not 15 years old and can therefore not have a signature."
        ]
    );
    for rule in &RULES {
        let key = format!("proofing.kind_{}", rule.kind.word());
        for language in [Language::Da, Language::En] {
            assert_ne!(Words(language).say(&key), key);
        }
    }
}

#[test]
fn a_number_is_the_same_however_it_is_typed_and_stands_in_no_debug_line() {
    let typed = |text: &str| {
        let one = Presented { number: Some(Secret::new(text.to_owned())), ..of(DocumentKind::Passport) };
        let found = examine(Channel::Desk, BORN, &[one], today()).ok().unwrap();
        found.documents.into_iter().next().map(|(document, number)| (document, number.unwrap().reveal().clone())).unwrap()
    };
    let (document, number) = typed("l 123-456.x");
    assert_eq!(number, "L123456X");
    assert_eq!(typed("L123456X").1, number);
    let shown: &Document = &document;
    assert!(!format!("{shown:?}").contains("123456") && !serde_json::to_string(shown).unwrap().contains("123456"));
}

async fn recorded(world: &TestGround, prepared: &Prepared) {
    world.clock.advance(time::Duration::SECOND);
    let company = CompanyId::from_uuid(uuid::Uuid::nil());
    world.database.write(async |unit| record(unit, prepared, company, Author::Anyone).await).await.unwrap();
}

#[actix_web::test]
async fn the_strongest_record_counts_however_many_weaker_ones_follow_and_the_birth_date_stays() {
    let world = testing::ground().await.unwrap();
    let [seen, unseen] = [1, 2].map(|number| EmployeeId::from_uuid(uuid::Uuid::from_u128(number)));
    let passport = || examine(Channel::Desk, BORN, &[of(DocumentKind::Passport)], today()).ok().unwrap();
    let strong = prepare(&world, seen, passport(), Author::Anyone).await.unwrap();
    recorded(&world, &strong).await;
    recorded(&world, &vouched(&world, unseen, Some(day(BORN)), Author::Anyone).await.unwrap()).await;
    for _ in 0..101 {
        for employee in [seen, unseen] {
            recorded(&world, &vouched(&world, employee, None, Author::Anyone).await.unwrap()).await;
        }
    }
    let mut reader = world.database.read().await.unwrap();
    assert_eq!(read::standing(&mut reader, seen).await.unwrap().unwrap().id, strong.id());
    assert_eq!(read::standing(&mut reader, unseen).await.unwrap().unwrap().outcome, Outcome::Vouched);
    drop(reader);
    for employee in [seen, unseen] {
        assert_eq!(read::known_birth(&world, employee).await.unwrap(), Some(day(BORN)));
    }
    let other = examine(Channel::Desk, "1980-05-18", &[of(DocumentKind::Passport)], today()).ok().unwrap();
    let Err(ProofingError::Invalid(faults)) = prepare(&world, unseen, other, Author::Anyone).await else { panic!("it contradicts") };
    assert_eq!((faults[0].field.as_str(), faults[0].rule), ("birth_date", "field_birth_date_other"));
}
