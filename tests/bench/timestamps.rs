//! Time stamps per processor second of the server alone, over HTTP; beside them what openssl signs at all.

use crate::{
    measure::{ROUNDS, Round, goal, per_processor_second, report},
    server::{Server, raw_signatures, script},
};

/// Stamps and signatures, in turn, so that both see the same machine.
pub fn run() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Server::ours(folder.path());
    let query = script(folder.path(), "stamp.req", "application/timestamp-query");
    let (mut stamps, mut raw): (Vec<Round>, Vec<Round>) = Default::default();
    ours.load("/timestamp", Some(&query));
    for _ in 0..ROUNDS {
        stamps.push(ours.load("/timestamp", Some(&query)));
        raw.push(raw_signatures());
    }
    report("time stamp (RFC 3161) with nonce and certificates, POST", &stamps);
    report("P-256 signatures by openssl speed", &raw);
    goal("time stamps, of raw P-256 signatures", per_processor_second(&stamps) / per_processor_second(&raw), 0.25);
}
