//! The evidence of an answer, judged by `segl verify-approval` alone: a yes, a no, "this was not me", and each of its parts with one changed byte.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keycard::{Verdict, wire::Decided};
use serde_json::{Value, json};
use support::{approver::typed, journey, peers::tools::Said, phone::SoftPhone, program::segl, roles::Person, world::World};

/// Each part of the evidence of a phone whose hardware attests nothing.
const PARTS: [&str; 7] = [
    "/payload/message",
    "/payload/signature",
    "/decision/message",
    "/decision/signature",
    "/pairing/message",
    "/pairing/signature",
    "/device_key",
];

/// What the program says of evidence, trusting this phone's service.
pub(crate) async fn judged(world: &World, phone: &SoftPhone, evidence: &[u8]) -> anyhow::Result<Said> {
    let file = world.file("evidence.json");
    std::fs::write(&file, evidence)?;
    let (file, identity) = (file.display().to_string(), hex::encode(phone.identity.sec1()));
    Ok(segl(["verify-approval", &file, "--identity", &identity]).await)
}

/// The evidence with one bit of a part turned: in its first byte, in its middle, in its last.
pub(crate) fn changed(evidence: &[u8], part: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    let whole: Value = serde_json::from_slice(evidence)?;
    let text = whole.pointer(part).and_then(Value::as_str).with_context(|| format!("no {part}"))?;
    let bytes = URL_SAFE_NO_PAD.decode(text)?;
    let turned = [0, bytes.len() / 2, bytes.len() - 1].map(|at| {
        let (mut bytes, mut whole) = (bytes.clone(), whole.clone());
        bytes[at] ^= 1;
        if let Some(place) = whole.pointer_mut(part) {
            *place = json!(URL_SAFE_NO_PAD.encode(bytes));
        }
        whole.to_string().into_bytes()
    });
    Ok(turned.to_vec())
}

/// Asks the phone for a log-in, which it answers so; the evidence of it.
async fn answered(person: &Person, phone: &SoftPhone, verdict: Option<Verdict>) -> anyhow::Result<Vec<u8>> {
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    ensure!(phone.decide(&shown, verdict.unwrap_or_else(|| typed(&begun.number))).await? == Decided::Taken);
    Ok(person.http.get(&format!("/api/v1/approvals/{}/evidence", shown.id)).await?.expect(200)?.bytes)
}

journey!(a_no_and_not_me_are_proven_as_what_they_are_and_as_no_yes, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let said = [(None, 0, "approved"), (Some(Verdict::Reject), 3, "rejected"), (Some(Verdict::NotMe), 3, "not me")];
    for (verdict, code, word) in said {
        let evidence = answered(person, &phone, verdict).await?;
        let judged = judged(world, &phone, &evidence).await?;
        let decided = format!("decided        {word}, on phone {}", phone.id);
        ensure!(judged.code == code && judged.words.contains(&decided), "{judged:?}");
        ensure!(!judged.words.contains("fails") && !judged.words.contains("unjudged"), "{judged:?}");
        // Of a no as of a yes: what was changed proves neither.
        for changed in changed(&evidence, "/decision/message")? {
            let judged = self::judged(world, &phone, &changed).await?;
            ensure!(judged.code == 1, "{word}: {judged:?}");
        }
    }
    Ok(())
});

journey!(one_changed_byte_in_any_part_of_the_evidence_shows, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let evidence = answered(person, &phone, None).await?;
    let whole: Value = serde_json::from_slice(&evidence)?;
    let named: Vec<_> = whole.as_object().context("no object")?.keys().map(String::as_str).collect();
    ensure!(
        named == ["attestation", "decision", "device_key", "pairing", "payload", "version"],
        "a part that this story forgets: {named:?}"
    );
    ensure!(judged(world, &phone, &evidence).await?.code == 0);
    for part in PARTS {
        for changed in changed(&evidence, part)? {
            let judged = judged(world, &phone, &changed).await?;
            ensure!(judged.code == 1 && judged.words.contains("fails"), "{part}: {judged:?}");
        }
    }
    let mut other = whole.clone();
    other["version"] = json!(2);
    let judged = judged(world, &phone, other.to_string().as_bytes()).await?;
    ensure!(judged.code == 1 && judged.words.contains("version        fails"), "{judged:?}");
    // A part of another answer in its place, whole and signed, is found too.
    let second: Value = serde_json::from_slice(&answered(person, &phone, Some(Verdict::Reject)).await?)?;
    for part in ["payload", "decision"] {
        let mut mixed = whole.clone();
        mixed[part] = second[part].clone();
        let judged = self::judged(world, &phone, mixed.to_string().as_bytes()).await?;
        ensure!(judged.code == 1 && judged.words.contains("same-request") && judged.words.contains("fails"), "{part}: {judged:?}");
    }
    Ok(())
});
