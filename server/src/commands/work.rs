//! Works off jobs, and runs the rounds: periodic work that only one node may do at a time. Part of `segl serve`.
//!
//! Jobs that wait for servers which others name have hands of their own: however many of these hang, mails and lists go out.
//!
//! A job that fails is tried again later and at last given up, loudly. A round that fails is tried again at its next turn. Told to
//! stop, the worker ends what it has begun and begins nothing more.

use std::{collections::HashMap, panic::AssertUnwindSafe, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use futures_util::{
    FutureExt as _,
    future::{LocalBoxFuture, join, join_all},
};
use tokio::sync::watch;

use crate::platform::{
    ground::Ground,
    moment::Moment,
    queue::{self, APART, AfterFailure, Job, NONE, Share},
    random,
    wake::Wake,
};

/// How many jobs one node works on at once.
const HANDS: usize = 3;
/// How many beside, of each kind that waits for others' servers.
const HANDS_APART: usize = 3;
/// How often a hand looks for a job when nobody wakes it.
const PAUSE: Duration = Duration::from_secs(1);
/// A job may take so long; its lease is longer.
const PATIENCE: Duration = Duration::from_secs(240);
/// A node that does not come back leaves its rounds to another after this.
const LEASE: time::Duration = time::Duration::seconds(60);
/// A lease is renewed when less than this is left of it.
const RENEW_BELOW: time::Duration = time::Duration::seconds(40);
/// A node without the lease asks for it this often.
const ASK_AGAIN: Duration = Duration::from_secs(10);
/// What is kept of a failure's reason, characters.
const REASON_CHARACTERS: usize = 500;
/// More passes than this mean that some work makes itself anew for ever.
const MOST_PASSES: usize = 10_000;

type Handler = Box<dyn Fn(Ground, String) -> LocalBoxFuture<'static, anyhow::Result<()>>>;
type Run = Box<dyn Fn(Ground, String) -> LocalBoxFuture<'static, anyhow::Result<bool>>>;

struct Round {
    name: &'static str,
    every: Duration,
    run: Run,
}

/// What there is to do: handlers by kind of job, and rounds.
pub struct Work {
    jobs: HashMap<&'static str, Handler>,
    apart: [queue::Kind; APART],
    rounds: Vec<Round>,
}

impl Default for Work {
    fn default() -> Self {
        Self { jobs: HashMap::new(), apart: [NONE; APART], rounds: Vec::new() }
    }
}

impl Work {
    /// Jobs of this kind wait for servers that others name: hands of their own work on them, and no other does. For [`APART`] kinds at most.
    ///
    /// # Panics
    /// For one kind more.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the kinds stand in the program")]
    pub fn apart(mut self, kind: queue::Kind) -> Self {
        *self.apart.iter_mut().find(|kind| **kind == NONE).expect("a place for one kind more") = kind;
        self
    }

    /// The kinds that have hands of their own.
    fn kinds_apart(&self) -> impl Iterator<Item = queue::Kind> {
        self.apart.into_iter().filter(|kind| *kind != NONE)
    }

    /// Jobs of this kind are run by `handler`, which gets the payload. It may be run again after a crash, or later after an error.
    #[must_use]
    pub fn job<F>(mut self, kind: queue::Kind, handler: impl Fn(Ground, String) -> F + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + 'static,
    {
        self.jobs.insert(kind.0, Box::new(move |ground, payload| handler(ground, payload).boxed_local()));
        self
    }

    /// `run` is run every so often by one node at a time; it gets the node's name and tells whether there was anything to do.
    #[must_use]
    pub fn round<F>(mut self, name: &'static str, every: Duration, run: impl Fn(Ground, String) -> F + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<bool>> + 'static,
    {
        self.rounds.push(Round { name, every, run: Box::new(move |ground, holder| run(ground, holder).boxed_local()) });
        self
    }
}

/// Works until `stop` turns true (or its sender is gone).
pub async fn until_stopped(ground: &Ground, work: &Work, stop: watch::Receiver<bool>) {
    let node = format!("node-{}", random::token(ground.random()));
    let shares = std::iter::repeat_n(Share::Without(work.apart), HANDS);
    let apart = work.kinds_apart().flat_map(|kind| std::iter::repeat_n(Share::Only(kind), HANDS_APART));
    let hands = shares.chain(apart).enumerate().map(|(hand, share)| jobs(ground, work, share, format!("{node}/{hand}"), stop.clone()));
    let rounds = work.rounds.iter().map(|round| turns(ground, round, &node, stop.clone()));
    join(join_all(hands), join_all(rounds)).await;
}

/// One hand: job after job.
async fn jobs(ground: &Ground, work: &Work, share: Share, holder: String, mut stop: watch::Receiver<bool>) {
    let wake = ground.kept.of::<Wake>();
    while !*stop.borrow() {
        let enqueued = ground.database.enqueued();
        match next_job(ground, work, share, &holder).await {
            Ok(Some(_)) => continue,
            // Enqueued between the look and the wait.
            Ok(None) if ground.database.enqueued() != enqueued => continue,
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "jobs cannot be read"),
        }
        tokio::select! {
            () = wake.wait(PAUSE) => {}
            gone = stop.changed() => if gone.is_err() { return },
        }
    }
}

/// What became of a job: `None` when it is done.
type Outcome = Option<anyhow::Error>;

/// Runs the next due job of a share, if there is one.
async fn next_job(ground: &Ground, work: &Work, share: Share, holder: &str) -> anyhow::Result<Option<Outcome>> {
    if !queue::is_due(&ground.database, share).await? {
        return Ok(None);
    }
    let Some(job) = queue::claim(&ground.database, share, holder).await? else { return Ok(None) };
    match run(ground, work, &job).await {
        Ok(()) => {
            queue::finish(&ground.database, &job, holder).await?;
            Ok(Some(None))
        }
        Err(error) => {
            failed(ground, &job, holder, &error).await?;
            Ok(Some(Some(error.context(format!("job {}", job.kind)))))
        }
    }
}

async fn run(ground: &Ground, work: &Work, job: &Job) -> anyhow::Result<()> {
    let handler = work.jobs.get(job.kind.as_str()).context("this program does not know the kind of job")?;
    let running = AssertUnwindSafe(handler(ground.clone(), job.payload.clone())).catch_unwind();
    match tokio::time::timeout(PATIENCE, running).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(anyhow!("the job panicked")),
        Err(_) => Err(anyhow!("the job took longer than {} s", PATIENCE.as_secs())),
    }
}

async fn failed(ground: &Ground, job: &Job, holder: &str, error: &anyhow::Error) -> anyhow::Result<()> {
    let reason: String = format!("{error:#}").chars().take(REASON_CHARACTERS).collect();
    let (id, kind) = (job.id, job.kind.as_str());
    match queue::fail(&ground.database, job, holder, &reason).await? {
        AfterFailure::GivenUp => {
            ground.metrics.gave_up(kind);
            tracing::error!(%id, kind, reason, "a job is given up");
        }
        AfterFailure::TriedAgain => tracing::warn!(%id, kind, attempts = job.attempts, reason, "a job failed and is tried again"),
    }
    Ok(())
}

/// The turns of one round.
async fn turns(ground: &Ground, round: &Round, node: &str, mut stop: watch::Receiver<bool>) {
    let mut held_until = None;
    while !*stop.borrow() {
        let pause = match turn(ground, round, node, &mut held_until).await {
            Ok(true) => round.every,
            Ok(false) => ASK_AGAIN.max(round.every),
            Err(error) => {
                tracing::error!(round = round.name, error = format!("{error:#}"), "a round failed");
                round.every.max(PAUSE)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            gone = stop.changed() => if gone.is_err() { break },
        }
    }
    if held_until.is_some() {
        let _lapses_by_itself = queue::hold_lease(&ground.database, round.name, node, time::Duration::ZERO).await;
    }
}

/// One turn, if this node has the lease. Whether it has.
async fn turn(ground: &Ground, round: &Round, node: &str, held_until: &mut Option<Moment>) -> anyhow::Result<bool> {
    let now = ground.clock().now();
    if held_until.is_none_or(|until| until.since(now) < RENEW_BELOW) {
        let held = queue::hold_lease(&ground.database, round.name, node, LEASE).await?;
        *held_until = held.then(|| now.plus(LEASE));
        if !held {
            return Ok(false);
        }
    }
    match AssertUnwindSafe((round.run)(ground.clone(), node.to_owned())).catch_unwind().await {
        Ok(outcome) => outcome.map(|_| true),
        Err(_) => Err(anyhow!("the round panicked")),
    }
}

/// Runs all due jobs and all rounds until there is nothing more to do: for tests and for founding. Gives the number of jobs run.
///
/// # Errors
/// The first failure of a job or round, once nothing else is due.
pub async fn run_until_idle(ground: &Ground, work: &Work) -> anyhow::Result<usize> {
    const HOLDER: &str = "until-idle";
    let (mut ran, mut failure) = (0, None);
    for _ in 0..MOST_PASSES {
        let mut busy = false;
        for share in std::iter::once(Share::Without(work.apart)).chain(work.kinds_apart().map(Share::Only)) {
            while let Some(outcome) = next_job(ground, work, share, HOLDER).await? {
                (ran, busy) = (ran + 1, true);
                failure = failure.or(outcome);
            }
        }
        for round in &work.rounds {
            match (round.run)(ground.clone(), HOLDER.to_owned()).await {
                Ok(worked) => busy |= worked,
                Err(error) => failure = failure.or(Some(error.context(format!("round {}", round.name)))),
            }
        }
        if !busy {
            return failure.map_or(Ok(ran), Err);
        }
    }
    bail!("there is always more to do: some work makes itself anew")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::{cell::RefCell, rc::Rc};

    use super::*;
    use crate::{
        fetch,
        platform::{
            clock::Clock as _,
            database::DatabaseError,
            testing::{self, TestGround},
        },
    };

    const KIND: queue::Kind = queue::Kind("test.note");

    type Notes = Rc<RefCell<Vec<String>>>;

    /// Work that notes each payload, and fails or panics for some.
    fn noting(notes: &Notes) -> Work {
        let notes = notes.clone();
        Work::default().job(KIND, move |_, payload| {
            let notes = notes.clone();
            async move {
                notes.borrow_mut().push(payload.clone());
                match payload.as_str() {
                    "\"fail\"" => bail!("refused"),
                    "\"panic\"" => panic!("a bug"),
                    _ => Ok(()),
                }
            }
        })
    }

    async fn enqueued(world: &TestGround, payload: &str, run_at: Moment) {
        world.database.write::<_, DatabaseError, _>(async |unit| queue::enqueue(unit, KIND, &payload, run_at).await).await.unwrap();
    }

    async fn states(world: &TestGround) -> Vec<String> {
        let mut reader = world.database.read().await.unwrap();
        fetch!(&mut reader, |c| sqlx::query_scalar("SELECT state FROM job ORDER BY created_at, id").fetch_all(c)).unwrap()
    }

    #[actix_web::test]
    async fn due_jobs_run_once_and_later_ones_wait() {
        let world = testing::ground().await.unwrap();
        let notes = Notes::default();
        enqueued(&world, "now", world.clock.now()).await;
        enqueued(&world, "later", world.clock.now().plus(time::Duration::MINUTE)).await;
        assert_eq!(run_until_idle(&world, &noting(&notes)).await.unwrap(), 1);
        assert_eq!(run_until_idle(&world, &noting(&notes)).await.unwrap(), 0);
        world.clock.advance(time::Duration::MINUTE);
        assert_eq!(run_until_idle(&world, &noting(&notes)).await.unwrap(), 1);
        assert_eq!(*notes.borrow(), ["\"now\"", "\"later\""]);
    }

    #[actix_web::test]
    async fn a_job_that_fails_or_panics_is_tried_again_with_growing_pauses_and_given_up() {
        let world = testing::ground().await.unwrap();
        let notes = Notes::default();
        enqueued(&world, "fail", world.clock.now()).await;
        enqueued(&world, "panic", world.clock.now()).await;
        let refused = run_until_idle(&world, &noting(&notes)).await.unwrap_err();
        assert_eq!(format!("{refused:#}"), "job test.note: refused");
        assert_eq!(states(&world).await, ["waiting", "waiting"]);
        assert_eq!(run_until_idle(&world, &noting(&notes)).await.unwrap(), 0, "not at once");
        for _ in 0..20 {
            world.clock.advance(time::Duration::hours(2));
            let _failed = run_until_idle(&world, &noting(&notes)).await;
        }
        assert_eq!(states(&world).await, ["given_up", "given_up"]);
        assert_eq!(notes.borrow().len(), 24, "twelve attempts each");
        assert!(world.metrics.text().contains("jobs_given_up_total{kind=\"test.note\"} 2"), "{}", world.metrics.text());
    }

    #[actix_web::test]
    async fn a_job_of_an_unknown_kind_is_not_lost() {
        let world = testing::ground().await.unwrap();
        enqueued(&world, "now", world.clock.now()).await;
        assert!(run_until_idle(&world, &Work::default()).await.is_err());
        assert_eq!(states(&world).await, ["waiting"]);
    }

    #[actix_web::test]
    async fn a_round_runs_on_the_node_that_holds_its_lease_until_that_node_is_gone() {
        let world = testing::ground().await.unwrap();
        let ran = Notes::default();
        let noted = ran.clone();
        let work = Work::default().round("test.round", Duration::from_secs(1), move |_, node| {
            let noted = noted.clone();
            async move {
                noted.borrow_mut().push(node);
                Ok(true)
            }
        });
        let (mut first, mut second) = (None, None);
        assert!(turn(&world, &work.rounds[0], "first", &mut first).await.unwrap());
        assert!(!turn(&world, &work.rounds[0], "second", &mut second).await.unwrap());
        world.clock.advance(time::Duration::seconds(30));
        assert!(turn(&world, &work.rounds[0], "first", &mut first).await.unwrap(), "it renews its lease");
        world.clock.advance(time::Duration::seconds(61));
        assert!(turn(&world, &work.rounds[0], "second", &mut second).await.unwrap(), "the first has not come back");
        assert_eq!(*ran.borrow(), ["first", "first", "second"]);
    }

    #[actix_web::test]
    async fn jobs_that_wait_for_others_servers_keep_no_hand_from_the_rest() {
        const HANGS: queue::Kind = queue::Kind("test.hangs");
        let world = testing::ground().await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let begun = Rc::new(std::cell::Cell::new(0));
        let (hanging, seen) = (stopped.clone(), begun.clone());
        let stop = Rc::new(stop);
        let work = Work::default()
            .apart(HANGS)
            .job(HANGS, move |_, _| {
                begun.set(begun.get() + 1);
                let mut over = hanging.clone();
                async move { over.wait_for(|over| *over).await.map_err(|_| anyhow::anyhow!("the worker is gone")).map(drop) }
            })
            .job(KIND, move |_, _| {
                let (seen, stop) = (seen.clone(), stop.clone());
                async move {
                    while seen.get() < HANDS_APART {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    let _receivers = stop.send(true);
                    Ok(())
                }
            });
        let now = world.clock.now();
        let many = ["x"; 9];
        world.database.write::<_, DatabaseError, _>(async |unit| queue::enqueue_all(unit, HANGS, &many, now).await).await.unwrap();
        world.clock.advance(time::Duration::SECOND);
        enqueued(&world, "now", world.clock.now()).await;
        let worked = tokio::time::timeout(Duration::from_secs(20), until_stopped(&world, &work, stopped)).await;
        assert!(worked.is_ok(), "nine that hang have every hand");
        assert_eq!(states(&world).await.iter().filter(|state| *state == "done").count(), 1 + HANDS_APART);
    }

    #[actix_web::test]
    async fn the_worker_ends_what_it_has_begun_when_told_to_stop() {
        let world = testing::ground().await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let notes = Notes::default();
        let noted = notes.clone();
        let stop = Rc::new(stop);
        let stopping = stop.clone();
        let work = Work::default().job(KIND, move |_, _| {
            let (noted, stop) = (noted.clone(), stopping.clone());
            async move {
                let _receivers = stop.send(true);
                tokio::task::yield_now().await;
                noted.borrow_mut().push("ended".to_owned());
                Ok(())
            }
        });
        enqueued(&world, "now", world.clock.now()).await;

        until_stopped(&world, &work, stopped).await;
        assert_eq!(*notes.borrow(), ["ended"]);
        assert_eq!(states(&world).await, ["done"]);
    }
}
