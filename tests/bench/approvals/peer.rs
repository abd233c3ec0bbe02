//! privacyIDEA's push beside us: its own server, driven by its own script (`privacyidea/push.py`), measured by the processor time of its worker.

use std::time::Instant;

use crate::{
    measure::{Round, processor_time_of},
    privacyidea::Script,
};

/// The script that serves and asks it.
pub struct Peer {
    script: Script,
    worker: u32,
}

impl Peer {
    /// Sets it up and serves it.
    pub fn start() -> Self {
        let mut script = Script::start("push.py", &[]);
        let worker = script.line().parse().expect("the script says which process is measured");
        Self { script, worker }
    }

    /// So many log-ins.
    pub fn round(&mut self, count: usize) -> Round {
        let (before, begun) = (processor_time_of(self.worker), Instant::now());
        self.script.tell(&count.to_string());
        assert_eq!(self.script.line(), "done");
        Round { count, elapsed: begun.elapsed(), worked: processor_time_of(self.worker).saturating_sub(before) }
    }
}
