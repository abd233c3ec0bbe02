//! The lists of several authorities, one of which has lost its key.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use openssl::x509::X509Crl;
use time::Duration;

use super::{faults::Failing, fetch, publish, world};
use crate::{
    authorities,
    platform::{database::DatabaseError, ground::Ground},
    status::{
        self, StatusError,
        publish::{IN_A_ROUND, publish_due},
    },
};

/// More lists than a round makes.
const SHARDS: i64 = 300;

async fn made_at(world: &Ground, list: &str) -> String {
    let list = X509Crl::from_der(&fetch(world, &format!("/pki/{list}.crl")).await.body).unwrap();
    list.last_update().to_string()
}

#[actix_web::test]
async fn an_authority_without_its_key_keeps_no_other_from_publishing() {
    let world = world().await;
    let issuing = authorities::by_name(&world, "issuing1").await.unwrap().unwrap().id;
    let opened = world.database.write(async |unit| -> Result<(), DatabaseError> {
        for shard in 1..=SHARDS {
            status::open_shard(unit, issuing, shard).await?;
        }
        Ok(())
    });
    opened.await.unwrap();
    let is_gone = Arc::new(AtomicBool::new(true));
    let seen = is_gone.clone();
    let fails = move |label: Option<&certs::keystore::KeyLabel>| {
        seen.load(Ordering::SeqCst) && label.is_some_and(|label| label.as_str().starts_with("issuing1"))
    };
    let failing = Failing { inner: world.keystore.clone(), fails: Box::new(fails) };
    let broken = Ground { keystore: Arc::new(failing), ..world.ground.clone() };
    // The root's one list is due at half of its life, together with all of the other's, whose new ones come first.
    let before = made_at(&broken, "root1/0").await;
    world.clock.advance(Duration::hours(12) + Duration::seconds(1));
    assert!(matches!(publish_due(&broken, IN_A_ROUND).await, Err(StatusError::Crl(_))), "the failure is told");
    assert_ne!(made_at(&broken, "root1/0").await, before, "the root's list came in the first round");
    // The one without its key is tried again, with a list at a time, and not in every round.
    assert_eq!(publish(&broken).await, 0);
    world.clock.advance(Duration::seconds(5));
    assert!(publish_due(&broken, IN_A_ROUND).await.is_err(), "tried again");
    assert_eq!(publish(&broken).await, 0, "and then it rests");
    // The key is back: all of its lists stand within a minute.
    is_gone.store(false, Ordering::SeqCst);
    let mut published = 0;
    for _ in 0..12 {
        world.clock.advance(Duration::seconds(5));
        published += publish(&broken).await;
    }
    assert_eq!(published as i64, SHARDS + 2, "the opened shards, the first one, and the list of all");
}
