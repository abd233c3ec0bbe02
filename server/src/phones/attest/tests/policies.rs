//! What each policy makes of each attestation that a phone may claim with.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use keycard::{PhoneId, wire::Base64};

use super::*;
use crate::platform::testing::{self, TestGround};

/// A ground with this policy, whose vendor is the one of `world`.
async fn under(policy: Attestation, world: &World) -> TestGround {
    let mut made = testing::ground().await.unwrap();
    let mut config = made.ground.config.as_ref().clone();
    config.phones.attestation = policy;
    config.phones.roots = vec![world.root.certificate.to_der().unwrap()];
    made.ground.config = Arc::new(config);
    made
}

/// A phone's claim of the level `protection`, with this chain.
fn claim(world: &World, protection: Protection, chain: Option<&[Vec<u8>]>) -> Claim {
    Claim {
        pin: [1; 32],
        lookup: [2; 16],
        phone: PhoneId([3; 16]),
        keys: world.keys(),
        pin_key: None,
        protection,
        attestation: chain.map(Claim::attestation_hash),
        name: "Annes telefon".to_owned(),
    }
}

fn given(chain: &[Vec<u8>]) -> wire::Attestation {
    wire::Attestation::new(chain.iter().cloned().map(Base64).collect()).unwrap()
}

/// What comes of a claim of a key in the trusted environment with this chain.
fn judged(ground: &Ground, world: &World, chain: Option<&[Vec<u8>]>) -> Result<(Protection, &'static str), &'static str> {
    told(judge(ground, &claim(world, Protection::Tee, chain), chain.map(given).as_ref(), &CHALLENGE))
}

fn told(judged: Result<Attested, PhoneError>) -> Result<(Protection, &'static str), &'static str> {
    match judged {
        Ok(Attested { protection, told }) => Ok((protection, told)),
        Err(PhoneError::NotAttested(why)) => Err(why),
        Err(other) => panic!("{other}"),
    }
}

/// Chains that prove nothing, each with what is told of it.
fn bad(world: &World) -> Vec<(Option<Vec<Vec<u8>>>, &'static str)> {
    let says = |said: Said| Some(world.chain(&said.der(), 365));
    let mut broken = world.chain(&GOOD().der(), 365);
    broken.remove(1);
    vec![
        (None, "none given"),
        (Some(broken), "no chain to a vendor's root"),
        (says(Said { challenge: [8; 32], ..GOOD() }), "another challenge"),
        (says(Said { locked: false, ..GOOD() }), "an unlocked or changed system"),
        (says(Said { level: 0, ..GOOD() }), "a key in software"),
    ]
}

#[actix_web::test]
async fn required_a_good_chain_gives_its_level_and_everything_else_is_refused() {
    let world = world();
    let ground = under(Attestation::Require, &world).await;
    assert_eq!(judged(&ground, &world, Some(&world.chain(&GOOD().der(), 365))), Ok((Protection::Tee, "signing key verified")));
    let strong = world.chain(&Said { level: 2, ..GOOD() }.der(), 365);
    assert_eq!(judged(&ground, &world, Some(&strong)), Ok((Protection::StrongBox, "signing key verified")));
    for (chain, why) in bad(&world) {
        assert_eq!(judged(&ground, &world, chain.as_deref()), Err(why));
    }
}

#[actix_web::test]
async fn preferred_a_good_chain_gives_its_level_and_everything_else_the_lowest() {
    let world = world();
    let ground = under(Attestation::Prefer, &world).await;
    assert_eq!(judged(&ground, &world, Some(&world.chain(&GOOD().der(), 365))), Ok((Protection::Tee, "signing key verified")));
    let both = world.chain_of_both(&Said { level: 2, ..GOOD() }, &GOOD_AGREE());
    assert_eq!(judged(&ground, &world, Some(&both)), Ok((Protection::Tee, "verified")));
    let spoilt = world.chain_of_both(&GOOD(), &Said { level: 0, ..GOOD_AGREE() });
    assert_eq!(judged(&ground, &world, Some(&spoilt)), Ok((Protection::SoftwarePin, "a key in software")));
    for (chain, why) in bad(&world) {
        assert_eq!(judged(&ground, &world, chain.as_deref()), Ok((Protection::SoftwarePin, why)));
    }
}

#[actix_web::test]
async fn ignored_every_chain_gives_the_lowest() {
    let world = world();
    let ground = under(Attestation::Ignore, &world).await;
    let good = Some(world.chain(&GOOD().der(), 365));
    for chain in bad(&world).into_iter().map(|(chain, _)| chain).chain([good]) {
        assert_eq!(judged(&ground, &world, chain.as_deref()), Ok((Protection::SoftwarePin, "not looked at")));
    }
}

#[actix_web::test]
async fn under_no_policy_are_other_certificates_taken_than_the_claim_names() {
    let world = world();
    let (good, other) = (world.chain(&GOOD().der(), 365), world.chain(&Said { level: 2, ..GOOD() }.der(), 365));
    for policy in [Attestation::Ignore, Attestation::Prefer, Attestation::Require] {
        let ground = under(policy, &world).await;
        for (named, sent) in [(Some(&good), Some(&other)), (Some(&good), None), (None, Some(&good))] {
            let claim = claim(&world, Protection::Tee, named.map(Vec::as_slice));
            let sent = sent.map(|chain| given(chain));
            assert_eq!(told(judge(&ground, &claim, sent.as_ref(), &CHALLENGE)), Err("the claim names other certificates"));
        }
    }
}

#[actix_web::test]
async fn what_a_phone_does_not_claim_it_does_not_get() {
    let world = world();
    let chain = world.chain(&GOOD().der(), 365);
    for policy in [Attestation::Prefer, Attestation::Require] {
        let ground = under(policy, &world).await;
        let modest = claim(&world, Protection::SoftwarePin, Some(&chain));
        assert_eq!(told(judge(&ground, &modest, Some(&given(&chain)), &CHALLENGE)), Ok((Protection::SoftwarePin, "not claimed")));
    }
}
