//! Ten thousand double spends on each engine: each thing that serves once is presented by several at the same moment, at two nodes, and serves once.
//!
//! What stands behind passwords is presented to the slices' own verbs, in the words in which the routes call them: over HTTP most of the minute would
//! be hashing. Some keys go the whole way over HTTP; the other stories of races do the same with fifty of a thing.

use std::{collections::HashMap, sync::Barrier};

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use segl::{
    accounts::{self, AccountError},
    keycards::{self, KeycardError},
    platform::{
        actor::{Actor, Author, Carrier, ProvenBy},
        consent::Purpose,
        ground::Ground,
        id::{AccountId, ChallengeId, CompanyId, Id as _, SessionId},
        random, secret,
    },
    tokens::{self, Reach, Taker, TokenError},
};
use serde_json::json;
use support::{
    journey,
    roles::{Company, Operator, Person},
    token::HandToken,
    world::World,
};
use time::Duration;

/// So many present a key, a link or a temporary password at once.
const PRESENTERS: usize = 20;
/// So many present a code at once: after five tries a token pauses, and no more are looked at.
const LOOKED_AT: usize = 5;
/// The promise.
const DOUBLE_SPENDS: usize = 10_000;

/// How many tries there were, of things that were each taken as often as they may be.
#[derive(Default)]
struct Tally(usize);

impl Tally {
    /// Counts the tries of some things, if each of them succeeded so often.
    fn note(&mut self, what: &str, tries: usize, won: &[usize], expected: usize) -> anyhow::Result<()> {
        let unexpected: Vec<usize> = won.iter().copied().filter(|won| *won != expected).collect();
        ensure!(unexpected.is_empty(), "{what}: of {} some were taken {unexpected:?} times, and not {expected}", won.len());
        self.0 += tries * won.len();
        Ok(())
    }
}

/// Presents each thing so many times, all at once, by a thread at each of the nodes. Gives how many tries of each succeeded.
fn crowd<T: Sync>(
    nodes: &[Ground; 2],
    things: &[T],
    presenters: usize,
    present: impl AsyncFn(&Ground, &T, usize) -> anyhow::Result<bool> + Sync,
) -> anyhow::Result<Vec<usize>> {
    let (runtime, start, half) = (tokio::runtime::Handle::current(), Barrier::new(nodes.len()), presenters.div_ceil(2));
    let at_nodes: Vec<anyhow::Result<Vec<usize>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = [(0, half), (half, presenters)]
            .into_iter()
            .zip(nodes)
            .map(|((from, to), node)| {
                let (runtime, start, present, node) = (&runtime, &start, &present, node.clone());
                scope.spawn(move || {
                    start.wait();
                    let node = &node;
                    runtime.block_on(try_join_all(things.iter().map(|thing| async move {
                        let outcomes = try_join_all((from..to).map(|turn| present(node, thing, turn))).await?;
                        Ok::<_, anyhow::Error>(outcomes.into_iter().filter(|won| *won).count())
                    })))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread ends")).collect()
    });
    let mut won = vec![0; things.len()];
    for at_node in at_nodes {
        for (all, here) in won.iter_mut().zip(at_node?) {
            *all += here;
        }
    }
    Ok(won)
}

fn somebody(world: &World) -> AccountId {
    AccountId::fresh(world.now(), world.ground.random())
}

/// A number of a card, asked twice, for two purposes; and the key beside it.
struct AskedKey {
    account: AccountId,
    questions: [(ChallengeId, Purpose); 2],
    key: String,
}

const BINDING: [u8; 32] = [9; 32];

async fn show_key(node: &Ground, asked: &AskedKey, turn: usize) -> anyhow::Result<bool> {
    let (challenge, purpose) = asked.questions[turn % 2];
    let judged = keycards::judge(node, challenge, &asked.key).await?;
    match node.database.write(async |unit| keycards::redeem(unit, asked.account, &judged, purpose, BINDING).await).await {
        Ok(_) => Ok(true),
        Err(KeycardError::Gone) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// A card, read by its owner.
async fn new_card(world: &World) -> anyhow::Result<(AccountId, HashMap<String, String>)> {
    let account = somebody(world);
    let card = keycards::issue(&world.ground, account).await?;
    world.ground.database.write(async |unit| keycards::store(unit, &card, Author::System("test")).await).await?;
    // A number of four digits, then its key in two groups.
    let groups: Vec<&str> = card.pairs().split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    Ok((account, groups.chunks(3).map(|pair| (pair[0].to_owned(), pair[1..].concat())).collect()))
}

/// 4,000 tries. Each number is asked for a log-in and for a proof: its key may answer one of them.
async fn keys(world: &World, nodes: &[Ground; 2], tally: &mut Tally) -> anyhow::Result<()> {
    let mut cards = Vec::new();
    for _ in 0..10 {
        cards.push(new_card(world).await?);
    }
    for round in 0..20 {
        world.clock.advance(Duration::SECOND);
        let asked = world.ground.database.write(async |unit| {
            let mut asked = Vec::new();
            for (account, pairs) in &cards {
                let first = keycards::ask(unit, *account, Purpose::LogIn, BINDING).await?;
                let second = keycards::ask(unit, *account, Purpose::StepUp, BINDING).await?;
                let key = pairs.get(&first.key_number).filter(|_| first.key_number == second.key_number).cloned().unwrap_or_default();
                let questions = [(first.challenge, Purpose::LogIn), (second.challenge, Purpose::StepUp)];
                asked.push(AskedKey { account: *account, questions, key });
            }
            Ok::<_, KeycardError>(asked)
        });
        let asked = asked.await?;
        ensure!(asked.iter().all(|asked| asked.key.len() == 6), "two numbers are asked of a card at once");
        // Half of the cards at a time: no more than a pool of connections serves in good time.
        for some in asked.chunks(5) {
            let won = crowd(nodes, some, PRESENTERS, show_key)?;
            tally.note(&format!("keys of round {round}"), PRESENTERS, &won, 1)?;
        }
    }
    let mut reader = world.ground.database.read().await?;
    for (account, _) in &cards {
        let left: Vec<_> = keycards::read::of_account(&mut reader, *account).await?.iter().map(|card| card.keys_left).collect();
        ensure!(left == [148 - 20], "{left:?} keys are left of a card");
    }
    Ok(())
}

/// What a code token shows just now.
struct ShownCode {
    account: AccountId,
    code: String,
}

async fn show_code(node: &Ground, shown: &ShownCode, _: usize) -> anyhow::Result<bool> {
    let judged = match tokens::judge(node, shown.account, &shown.code).await {
        Ok(judged) => judged,
        Err(TokenError::Waits { .. }) => return Ok(false),
        Err(other) => return Err(other.into()),
    };
    match node.database.write(async |unit| tokens::redeem(unit, &judged).await).await {
        Ok(_) => Ok(true),
        Err(TokenError::NotRight) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// Gives somebody a token of the stock and activates it.
async fn put_to_work(world: &World, token: &mut HandToken, kind: &str) -> anyhow::Result<AccountId> {
    let (account, settings) = (somebody(world), world.ground.config.tokens);
    let taker = Taker { account, company: CompanyId::from_uuid(uuid::Uuid::from_u128(1)), reach: Reach::Everything };
    let given =
        world.ground.database.write(async |unit| tokens::assign(unit, taker, &token.serial, settings, Author::System("test")).await);
    let given = given.await?;
    let holder = Actor {
        account,
        session: Some(SessionId::fresh(world.now(), world.ground.random())),
        name: String::new(),
        roles: Vec::new(),
        company: None,
        employee: None,
        carrier: Carrier::Program,
        proven_at: world.now(),
        proven_by: ProvenBy::Card,
        key: None,
    };
    let codes = if kind == "hotp" { [token.press(), token.press()] } else { [token.shows(world, -1), token.shows(world, 0)] };
    tokens::activate(&world.ground, &holder, given, [&codes[0], &codes[1]]).await?;
    Ok(account)
}

/// 2,000 tries of codes by counter, 2,000 by time.
async fn codes(world: &World, operator: &Operator, nodes: &[Ground; 2], tally: &mut Tally) -> anyhow::Result<()> {
    let mut hands: Vec<_> = (0..20).map(|at| (HandToken::new(&format!("DS-{at:02}")), if at % 2 == 0 { "hotp" } else { "totp" })).collect();
    let lines: String = hands.iter().map(|(token, kind)| token.line(kind)).collect();
    operator.0.prove().await?;
    let file = json!({"format": "csv", "file": format!("serial,seed_hex,kind\n{lines}")});
    operator.0.http.post("/api/v1/code-tokens", &file).await?.expect(201)?;
    let mut accounts = Vec::new();
    for (token, kind) in &mut hands {
        accounts.push(put_to_work(world, token, kind).await?);
    }
    for round in 0..40 {
        world.clock.advance(Duration::minutes(11));
        let shown: Vec<_> = hands
            .iter_mut()
            .zip(&accounts)
            .map(|((token, kind), account)| {
                let code = if *kind == "hotp" { token.press() } else { token.shows(world, 0) };
                ShownCode { account: *account, code }
            })
            .collect();
        let won = crowd(nodes, &shown, LOOKED_AT, show_code)?;
        tally.note(&format!("codes of round {round}"), LOOKED_AT, &won, 1)?;
    }
    Ok(())
}

/// A mailed link, and what is typed as its temporary password.
struct TypedLink {
    link: String,
    typed: String,
}

/// As an activation does before and in its unit.
async fn claim(node: &Ground, typed: &TypedLink, _: usize) -> anyhow::Result<bool> {
    let mut reader = node.database.read().await?;
    let found = accounts::activation_by_link(&mut reader, &typed.link).await?.context("the link is not there")?;
    drop(reader);
    match accounts::try_code(node, &found, &typed.typed).await {
        Ok(()) => {}
        Err(AccountError::Gone | AccountError::NotRight) => return Ok(false),
        Err(other) => return Err(other.into()),
    }
    match node.database.write(async |unit| accounts::claim_activation(unit, found.id).await).await {
        Ok(()) => Ok(true),
        Err(AccountError::Gone) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// So many links: with a temporary password, or without one as operators have them.
async fn mailed(world: &World, count: usize, has_code: bool) -> anyhow::Result<Vec<TypedLink>> {
    let (ground, expires_at, mut links) = (&world.ground, world.now().plus(Duration::hours(1)), Vec::new());
    for _ in 0..count {
        let (account, link) = (somebody(world), random::token(ground.random()));
        let hash = secret::token_hash(&link);
        let typed = if has_code { accounts::temporary_password(ground.random()) } else { String::new() };
        let verifier = if has_code { Some(accounts::code_verifier(ground, &hash, &typed).await?) } else { None };
        ground.database.write(async |unit| accounts::invite(unit, account, &hash, verifier.clone(), expires_at).await).await?;
        links.push(TypedLink { link, typed });
    }
    Ok(links)
}

/// 1,000 tries of links alone, 1,000 of links with their temporary password, and 200 of wrong ones.
async fn links(world: &World, nodes: &[Ground; 2], tally: &mut Tally) -> anyhow::Result<()> {
    for (what, has_code) in [("links", false), ("temporary passwords", true)] {
        for some in mailed(world, 50, has_code).await?.chunks(5) {
            let won = crowd(nodes, some, PRESENTERS, claim)?;
            tally.note(what, PRESENTERS, &won, 1)?;
        }
    }
    let right = mailed(world, 10, true).await?;
    let wrong: Vec<_> = right.iter().map(|right| TypedLink { link: right.link.clone(), typed: "2222-2222".to_owned() }).collect();
    for some in wrong.chunks(5) {
        tally.note("wrong temporary passwords", PRESENTERS, &crowd(nodes, some, PRESENTERS, claim)?, 0)?;
    }
    // Five of them were looked at: the right one comes too late.
    tally.note("temporary passwords after five wrong ones", 2, &crowd(nodes, &right, 2, claim)?, 0)?;
    let mut reader = world.ground.database.read().await?;
    for typed in &right {
        let found = accounts::activation_by_link(&mut reader, &typed.link).await?.context("the link is not there")?;
        ensure!(found.tries == 5, "{} wrong temporary passwords were looked at", found.tries);
    }
    Ok(())
}

/// 200 tries over HTTP, at two nodes: whole log-ins.
async fn log_ins(world: &World, bakery: &Company, tally: &mut Tally) -> anyhow::Result<()> {
    let other = world.second_service().await;
    let here = &bakery.administrator;
    let there = Person { http: here.http_at(&other.client), ..here.clone() };
    let browsers = [here, &there];
    for round in 0..10 {
        let question = here.begin_log_in().await?;
        let key = here.card.key(&question.key_number);
        let tries = (0..PRESENTERS).map(|turn| browsers[turn % 2].answer_log_in(&question, &key));
        let answers = try_join_all(tries).await?;
        for lost in answers.iter().filter(|answer| answer.status != 201) {
            lost.refused(410, "gone")?;
        }
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        tally.note(&format!("log-in {round}"), PRESENTERS, &[won], 1)?;
    }
    Ok(())
}

journey!(of_ten_thousand_double_spends_none_succeeds_twice, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (nodes, mut tally) = ([world.ground.clone(), world.second_node().await], Tally::default());
    log_ins(world, &bakery, &mut tally).await?;
    keys(world, &nodes, &mut tally).await?;
    links(world, &nodes, &mut tally).await?;
    codes(world, &operator, &nodes, &mut tally).await?;
    ensure!(tally.0 >= DOUBLE_SPENDS, "{} double spends were tried", tally.0);
    Ok(())
});
