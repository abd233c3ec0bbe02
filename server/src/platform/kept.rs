//! What slices keep in memory for the life of a process (or of a test world): one value per type, shared by all who ask.
//!
//! Only what can be read again from rows may stand here: another node never sees it.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

type Values = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

/// One value per type. Cheap to clone; all clones share.
#[derive(Clone, Default)]
pub struct Kept(Arc<RwLock<Values>>);

impl Kept {
    /// The value of this type, made on first use.
    pub fn of<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
        match known.and_then(|value| value.downcast().ok()) {
            Some(value) => value,
            None => self.make(),
        }
    }

    fn make<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        value.downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn all_clones_share_the_value_of_a_type() {
        let kept = Kept::default();
        kept.of::<AtomicU32>().store(7, Ordering::SeqCst);
        assert_eq!(kept.clone().of::<AtomicU32>().load(Ordering::SeqCst), 7);
    }
}
