//! One entry by itself: is its body canonical, do the row's columns say the same, do the personal values open their commitments?

use super::{
    super::{
        model::{Body, Personal},
        store::Row,
    },
    Finding, Verdict,
};

/// Notes what is wrong with an entry by itself, and counts erased values.
pub(super) fn check(row: &Row, personal: &[Personal], verdict: &mut Verdict) {
    let (sequence, id) = (row.sequence.unwrap_or(0), row.id);
    let Some(body) = Body::parse(&row.body) else {
        verdict.note(Finding::RowDiffers { sequence, id, column: "body" });
        return;
    };
    let columns = [
        ("id", body.id == row.id),
        ("recorded_at", body.at == row.recorded_at.millis()),
        ("action", body.action == row.action),
        ("actor", body.author == row.actor),
        ("subject", body.subject == row.subject),
        ("company_id", body.company == row.company_id),
    ];
    for (column, _) in columns.into_iter().filter(|(_, same)| !same) {
        verdict.note(Finding::RowDiffers { sequence, id, column });
    }
    for value in personal {
        if body.commitments.get(&value.name) != Some(&value.commitment()) {
            verdict.note(Finding::PersonalChanged { sequence, id, name: value.name.clone() });
        }
    }
    let kept = body.commitments.keys().filter(|name| personal.iter().any(|value| &value.name == *name)).count();
    verdict.erased += (body.commitments.len() - kept) as u64;
}
