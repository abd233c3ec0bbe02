//! Database and keystore in one hand, and no password: nothing signs.

use certs::{
    archive::HolderKey,
    keystore::{
        Digest, Secret32,
        employee_key::{self, Binding},
        opener::OpenerKey,
    },
    public_key::PublicKey,
    revocation::Reason,
};

use super::{Person, Profile, revoke_id, world};
use crate::{
    archives,
    certificates::{CertificateError, PasswordProtection, adopt, rewrap_password, store_rewrapped},
    platform::{
        id::{CertificateId, Id as _},
        password::Strength,
        secret::Secret,
        testing::TestGround,
    },
};

const DIGEST: [u8; 32] = [9; 32];

/// Certificate, salt, sealed key, opener.
type Blob = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);

#[actix_web::test]
async fn with_database_and_keystore_but_without_the_password_nothing_signs() {
    let world = world().await;
    let person = Person::new(&world);
    let issued = person.issue(&world, &[Profile::Signing, Profile::Mail, Profile::Encryption]).await;
    let mut intruder = world.intruder().await.unwrap();
    let blobs: Vec<Blob> = sqlx::query_as(
        "SELECT signing_key.certificate_id, signing_key.salt, signing_key.sealed, key_opener.sealed FROM signing_key
         JOIN key_opener ON key_opener.certificate_id = signing_key.certificate_id",
    )
    .fetch_all(&mut intruder)
    .await
    .unwrap();
    assert_eq!(blobs.len(), 2, "the encryption key has no blob");
    let keystore = world.keystore.as_ref();
    let account = person.holder.account.uuid();
    for (id, salt, sealed, opener) in &blobs {
        let certificate = issued.iter().find(|one| one.id.uuid().as_bytes().as_slice() == id).unwrap();
        let key_context = [b"segl/certificate-key/v1|".as_slice(), id].concat();
        let opener_context = [b"segl/password-opener/v1|".as_slice(), id].concat();
        // The blob as if it were the keystore's own box, in every context that is known.
        for context in [&key_context, &opener_context, &Vec::new()] {
            for sealed in [sealed.as_slice(), &sealed[1..], opener] {
                assert!(keystore.unwrap(sealed, context).is_err());
                assert!(keystore.sign_wrapped(sealed, context, &Digest::Sha256(DIGEST)).is_err());
            }
        }
        // The opener with everything that the keystore derives, the password's own part guessed from what stands in rows.
        let pepper = keystore.hmac("pepper", &[account.as_bytes().as_slice(), &person.salt].concat()).unwrap();
        let spki = openssl::x509::X509::from_der(certificate.der.as_deref().unwrap()).unwrap().public_key().unwrap();
        let spki = PublicKey::from_spki(&spki.public_key_to_der().unwrap()).unwrap().spki_sha256();
        let binding = Binding { serial: &certificate.serial, account, spki_sha256: &spki };
        let salt: [u8; 32] = salt.as_slice().try_into().unwrap();
        for guess in [[0; 32], pepper, salt, spki] {
            assert!(OpenerKey::derive(&guess, &pepper).unwrap().open(opener, &opener_context).is_err());
            assert!(employee_key::open(sealed, &Secret32::new(guess), &salt, &binding).is_err());
        }
    }
    // The decryption key is in the archive: the keystore knows nothing of it, and its box opens for nobody who has only rows and keystore.
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM encryption_key").fetch_one(&mut intruder).await.unwrap();
    assert_eq!(left, 0);
    let copies: Vec<(Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT archived_copy.sealed, holder_key.sealed FROM archived_copy JOIN holder_key USING (holder_id)")
            .fetch_all(&mut intruder)
            .await
            .unwrap();
    assert_eq!(copies.len(), 1, "sealed to its person");
    let key_context = [b"segl/certificate-key/v1|".as_slice(), issued[2].id.uuid().as_bytes()].concat();
    let holder_context = [b"segl/holder-key/v1|".as_slice(), account.as_bytes()].concat();
    let pepper = keystore.hmac("pepper", &[account.as_bytes().as_slice(), &person.salt].concat()).unwrap();
    for (copy, private) in &copies {
        for context in [&key_context, &holder_context, &Vec::new()] {
            for sealed in [copy.as_slice(), private] {
                assert!(keystore.unwrap(sealed, context).is_err());
                assert!(keystore.sign_wrapped(sealed, context, &Digest::Sha256(DIGEST)).is_err());
            }
        }
        for guess in [[0; 32], pepper] {
            let opener = OpenerKey::derive(&guess, &pepper).unwrap();
            assert!(HolderKey::open_under(&opener, private, &holder_context).is_err());
        }
        let opener = OpenerKey::derive(person.prk.reveal(), &pepper).unwrap();
        assert!(HolderKey::open_under(&opener, private, &holder_context).is_ok(), "with the password it does");
    }
}

#[actix_web::test]
async fn a_wrong_password_opens_nothing() {
    let world = world().await;
    let mut person = Person::new(&world);
    let certificate = person.issue(&world, &[Profile::Signing]).await.remove(0);
    person.sign(&world, certificate.id, DIGEST).await.unwrap();
    person.prk = Secret::new([1; 32]);
    assert!(matches!(person.sign(&world, certificate.id, DIGEST).await, Err(CertificateError::WrongPassword)));
}

#[actix_web::test]
async fn nobody_signs_with_anothers_certificate() {
    let world = world().await;
    let (one, other) = (Person::new(&world), Person::new(&world));
    let certificate = one.issue(&world, &[Profile::Signing]).await.remove(0);
    assert!(matches!(other.sign(&world, certificate.id, DIGEST).await, Err(CertificateError::NotFound)));
}

#[actix_web::test]
async fn a_blob_moved_to_anothers_row_does_not_open() {
    let world = world().await;
    let (one, other) = (Person::new(&world), Person::new(&world));
    let (ones, others) = (one.issue(&world, &[Profile::Signing]).await.remove(0), other.issue(&world, &[Profile::Signing]).await.remove(0));
    let mut intruder = world.intruder().await.unwrap();
    let moved = sqlx::query(
        "UPDATE signing_key SET sealed = (SELECT sealed FROM signing_key WHERE certificate_id = $1),
         salt = (SELECT salt FROM signing_key WHERE certificate_id = $1) WHERE certificate_id = $2",
    );
    moved.bind(ones.id).bind(others.id).execute(&mut intruder).await.unwrap();
    assert!(matches!(other.sign(&world, others.id, DIGEST).await, Err(CertificateError::EmployeeKey(_))));
}

#[actix_web::test]
async fn a_revoked_certificates_key_is_gone() {
    let world = world().await;
    let person = Person::new(&world);
    let certificate = person.issue(&world, &[Profile::Signing]).await.remove(0);
    revoke_id(&world, certificate.id, Reason::Superseded).await.unwrap();
    assert!(matches!(person.sign(&world, certificate.id, DIGEST).await, Err(CertificateError::NotActive)));
    let mut intruder = world.intruder().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT (SELECT count(*) FROM signing_key) + (SELECT count(*) FROM key_opener)")
        .fetch_one(&mut intruder)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[actix_web::test]
async fn after_a_change_of_password_only_the_new_one_signs() {
    let world = world().await;
    let mut person = Person::new(&world);
    let certificate = person.issue(&world, &[Profile::Signing]).await.remove(0);
    let new_prk = Secret::new([5; 32]);
    let new = PasswordProtection { account: person.holder.account, salt: b"a new salt".to_vec(), prk: &new_prk, strength: Strength::Long };
    let rewrapped = rewrap_password(&world, &person.protection(), &new).await.unwrap();
    world.database.write(async |unit| store_rewrapped(unit, &rewrapped).await).await.unwrap();
    assert!(matches!(person.sign(&world, certificate.id, DIGEST).await, Err(CertificateError::WrongPassword)));
    let again = world.database.write(async |unit| store_rewrapped(unit, &rewrapped).await).await;
    assert!(matches!(again, Err(CertificateError::ChangedMeanwhile)));
    (person.salt, person.prk) = (b"a new salt".to_vec(), new_prk);
    person.sign(&world, certificate.id, DIGEST).await.unwrap();
}

/// A certificate whose decryption key rests as an earlier release kept it: wrapped by the keystore, in `encryption_key`.
async fn kept_by_an_earlier_release(world: &TestGround, person: &Person) -> CertificateId {
    use crate::certificates::{finish::finish, intend, keys, ordinals};
    let authority = crate::authorities::issuing(world).await.unwrap();
    let ordinal = ordinals::reserve(world, &authority, 1).await.unwrap();
    let practice = crate::authorities::practice(world).unwrap();
    let pointers = crate::authorities::Addresses::of(&world.config.server, &authority.name).pointers(0).unwrap();
    let order = certs::profiles::encryption::order(&person.holder.subject, person.holder.email.as_ref().unwrap(), &pointers, &practice);
    let draft = intend::draft(world, ordinal, order);
    let (id, loaded) = (draft.id, authority.clone());
    let (wrapped, made) = world
        .with_keystore(move |keystore| {
            let key = keys::make(keystore, draft.id).unwrap();
            let prepared = intend::prepare_draft(&draft, &key.public_key, &loaded).unwrap();
            let label = certs::keystore::KeyLabel::parse("of-an-earlier-release").unwrap();
            (key.inner, intend::intention(&draft, prepared, &loaded, intend::IntendedKey::Labelled(label)))
        })
        .await;
    let holder = &person.holder;
    let (account, employee, company) = (Some(holder.account), Some(holder.employee), Some(holder.company));
    let intention = crate::certificates::Intention { account, employee, company, ..made };
    let author = crate::platform::actor::Author::Account(holder.account);
    world.database.write(async |unit| crate::certificates::store_intention(unit, &intention, author).await).await.unwrap();
    finish(world, id).await.unwrap();
    let mut intruder = world.intruder().await.unwrap();
    sqlx::query("UPDATE certificate SET key_label = NULL WHERE id = $1").bind(id).execute(&mut intruder).await.unwrap();
    sqlx::query("INSERT INTO encryption_key (certificate_id, wrapped) VALUES ($1, $2)")
        .bind(id)
        .bind(wrapped)
        .execute(&mut intruder)
        .await
        .unwrap();
    id
}

#[actix_web::test]
async fn a_key_kept_by_an_earlier_release_moves_into_the_archive_when_its_person_has_a_password_at_hand() {
    let world = world().await;
    let person = Person::new(&world);
    let id = kept_by_an_earlier_release(&world, &person).await;
    assert_eq!(adopt(&world).await.unwrap(), 0, "nobody can hold it yet");
    let lock = person.protection().archive_lock();
    archives::tend(&world, person.holder.account, person.holder.company, &lock).await.unwrap();
    assert_eq!(adopt(&world).await.unwrap(), 1);
    assert_eq!(adopt(&world).await.unwrap(), 0, "once");
    let mut intruder = world.intruder().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM encryption_key").fetch_one(&mut intruder).await.unwrap();
    assert_eq!(left, 0, "the keystore's copy is gone");
    let opened = archives::open_own(&world, &lock).await.unwrap();
    assert!(opened.len() == 1 && opened[0].certificate == id);
    let der = super::certificate(&world, id).await.der.unwrap();
    let proof = certs::archive::EncryptionCertificate::check(&der).unwrap();
    assert_eq!(opened[0].key.public_key(), proof.public_key());
}

#[actix_web::test]
async fn a_row_that_names_a_signing_key_as_kept_is_never_archived() {
    let world = world().await;
    let person = Person::new(&world);
    let signing = person.issue(&world, &[Profile::Signing]).await.remove(0);
    let mut intruder = world.intruder().await.unwrap();
    sqlx::query("INSERT INTO encryption_key (certificate_id, wrapped) SELECT certificate_id, sealed FROM signing_key")
        .execute(&mut intruder)
        .await
        .unwrap();
    assert_eq!(adopt(&world).await.unwrap(), 0);
    let archived: i64 = sqlx::query_scalar("SELECT count(*) FROM archived_key").fetch_one(&mut intruder).await.unwrap();
    assert_eq!(archived, 0);
    person.sign(&world, signing.id, DIGEST).await.unwrap();
}
