//! The time, as an argument. Only [`SystemClock`] looks at the wall.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use time::Duration;

use super::moment::Moment;

/// Tells the present moment.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that looks at the wall clock")]
    fn now(&self) -> Moment {
        Moment::from_datetime(time::OffsetDateTime::now_utc())
    }
}

/// A clock that goes only when told: for tests.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that stands at `moment`.
    pub fn at(moment: Moment) -> Self {
        Self(Arc::new(AtomicI64::new(moment.millis())))
    }

    /// Moves the clock on.
    pub fn advance(&self, span: Duration) {
        let step = i64::try_from(span.whole_milliseconds()).unwrap_or(0);
        self.0.fetch_add(step, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::SeqCst))
    }
}
