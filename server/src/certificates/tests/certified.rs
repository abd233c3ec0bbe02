//! A key is one bearer's, and once compromised nobody's.

use super::*;

/// An intention of this person for a key that is certified already.
async fn for_the_key_of(world: &Ground, person: &Person, known: &Certificate) -> Result<(), super::super::CertificateError> {
    let mut intentions = prepare_for_employee(world, &person.holder, &[Profile::Signing], &person.protection()).await.unwrap();
    let mut intention = intentions.remove(0);
    intention.spki_sha256 = certs::ca::key_of(&known.tbs).unwrap();
    let id = intention.id;
    let stored = world.database.write(async |unit| store_intention(unit, &intention, Author::System("test")).await).await;
    let found = read::by_id(&mut world.database.read().await.unwrap(), id).await.unwrap();
    assert_eq!(found.is_some(), stored.is_ok(), "what is refused is not stored");
    stored
}

#[actix_web::test]
async fn a_key_of_another_person_is_not_certified() {
    let world = world().await;
    let (owner, other) = (Person::new(&world), Person::new(&world));
    let known = owner.issue(&world, &[Profile::Signing]).await.remove(0);
    let refused = for_the_key_of(&world, &other, &known).await;
    assert!(matches!(refused, Err(super::super::CertificateError::KeyOfAnother)), "{refused:?}");
    for_the_key_of(&world, &owner, &known).await.unwrap();
}

#[actix_web::test]
async fn a_key_once_revoked_as_compromised_is_never_certified_again() {
    let world = world().await;
    let (owner, other) = (Person::new(&world), Person::new(&world));
    let issued = owner.issue(&world, &[Profile::Signing, Profile::Mail]).await;
    revoke_id(&world, issued[0].id, Reason::KeyCompromise).await.unwrap();
    revoke_id(&world, issued[1].id, Reason::Superseded).await.unwrap();
    for person in [&owner, &other] {
        let refused = for_the_key_of(&world, person, &issued[0]).await;
        assert!(matches!(refused, Err(super::super::CertificateError::KeyCompromised)), "{refused:?}");
    }
    for_the_key_of(&world, &owner, &issued[1]).await.unwrap();
}
