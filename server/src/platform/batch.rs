//! What many ask for at once is done together: whoever comes while the work goes on waits, and is served with all others who came meanwhile.
//!
//! Promise: everybody gets the answer to their own item, or an error when the work broke off. A caller who gives up takes nothing from the
//! others: the work runs as a task of its own. Nobody waits for company that is not there: only when the last work was for several is the
//! next one put off for a moment, as long as more keep coming.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

/// The most items of one piece of work.
const MOST: usize = 256;
/// How often one looks whether more came ...
const LOOK: Duration = Duration::from_millis(1);
/// ... and how often at most.
const LOOKS: u32 = 12;

/// The work broke off before it answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work broke off")]
pub struct BrokenOff;

struct Waiting<T, R> {
    item: T,
    answer: oneshot::Sender<R>,
}

struct State<T, R> {
    waiting: Vec<Waiting<T, R>>,
    at_work: bool,
    last: usize,
}

/// A place where items of one kind are collected.
pub struct Batch<T, R>(Arc<Mutex<State<T, R>>>);

impl<T, R> Default for Batch<T, R> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State { waiting: Vec::new(), at_work: false, last: 0 })))
    }
}

impl<T: 'static, R: 'static> Batch<T, R> {
    /// Hands an item over and gives its answer. `work` answers each item in their order; it is the work of whoever comes first. Must be called
    /// on a thread that runs local tasks, as all of the service's do.
    ///
    /// # Errors
    /// [`BrokenOff`].
    pub async fn run<W>(&self, item: T, work: W) -> Result<R, BrokenOff>
    where
        W: AsyncFn(Vec<T>) -> Vec<R> + 'static,
    {
        let (answer, receiver) = oneshot::channel();
        let begins = {
            let mut state = lock(&self.0);
            state.waiting.push(Waiting { item, answer });
            !std::mem::replace(&mut state.at_work, true)
        };
        if begins {
            tokio::task::spawn_local(serve(AtWork { state: self.0.clone(), ended: false }, work));
        }
        receiver.await.map_err(|_| BrokenOff)
    }
}

fn lock<T, R>(state: &Mutex<State<T, R>>) -> std::sync::MutexGuard<'_, State<T, R>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever does the work. However it ends, the next who comes begins anew, and who waited is told.
struct AtWork<T, R> {
    state: Arc<Mutex<State<T, R>>>,
    ended: bool,
}

impl<T, R> Drop for AtWork<T, R> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut state = lock(&self.state);
        state.at_work = false;
        state.waiting.clear();
    }
}

async fn serve<T, R>(mut at_work: AtWork<T, R>, work: impl AsyncFn(Vec<T>) -> Vec<R>) {
    loop {
        gather(&at_work.state).await;
        let taken = {
            let mut state = lock(&at_work.state);
            let count = state.waiting.len().min(MOST);
            state.last = count;
            if count == 0 {
                // Said under the same lock: whoever comes next begins anew.
                state.at_work = false;
                drop(state);
                at_work.ended = true;
                return;
            }
            state.waiting.drain(..count).collect::<Vec<_>>()
        };
        let (items, answers): (Vec<T>, Vec<_>) = taken.into_iter().map(|one| (one.item, one.answer)).unzip();
        for (answer, result) in answers.into_iter().zip(work(items).await) {
            let _gave_up = answer.send(result);
        }
    }
}

/// Lets those come who are on their way.
async fn gather<T, R>(state: &Mutex<State<T, R>>) {
    if lock(state).last < 2 {
        return;
    }
    let mut came = lock(state).waiting.len();
    for _ in 0..LOOKS {
        tokio::time::sleep(LOOK).await;
        let now = lock(state).waiting.len();
        if now == came || now >= MOST {
            return;
        }
        came = now;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::{cell::RefCell, rc::Rc};

    use super::*;

    #[actix_web::test]
    async fn whoever_comes_meanwhile_is_served_together_and_each_by_its_own_answer() {
        let batch = Arc::new(Batch::<u32, u32>::default());
        let sizes = Rc::new(RefCell::new(Vec::new()));
        let asked = (0..100).map(|item| {
            let (batch, sizes) = (batch.clone(), sizes.clone());
            async move {
                let work = async move |items: Vec<u32>| {
                    sizes.borrow_mut().push(items.len());
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    items.into_iter().map(|item| item * 2).collect()
                };
                batch.run(item, work).await
            }
        });
        let answers = futures_util::future::join_all(asked).await;
        assert_eq!(answers, (0..100).map(|item| Ok(item * 2)).collect::<Vec<_>>());
        assert!(sizes.borrow().len() <= 3, "{:?}", sizes.borrow());
    }

    #[actix_web::test]
    async fn work_that_breaks_off_is_told_and_does_not_stop_the_next() {
        let batch = Batch::<u32, u32>::default();
        assert_eq!(batch.run(1, async |_| Vec::new()).await, Err(BrokenOff));
        assert_eq!(batch.run(2, async |items| items).await, Ok(2));
    }

    #[actix_web::test]
    async fn a_caller_who_gives_up_takes_nothing_from_the_others() {
        let batch = Arc::new(Batch::<u32, u32>::default());
        let slow = async |items: Vec<u32>| {
            tokio::time::sleep(Duration::from_millis(20)).await;
            items
        };
        let impatient = tokio::time::timeout(Duration::from_millis(2), batch.run(1, slow));
        let (gave_up, other) = futures_util::join!(impatient, batch.run(2, slow));
        assert!(gave_up.is_err());
        assert_eq!(other, Ok(2));
    }
}
