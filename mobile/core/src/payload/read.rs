//! Reads the canonical bytes of a payload into its parts. The rules are judged afterwards.

use super::{
    DIGESTS, DOMAIN, FURTHER, LINE_CHARACTERS, LINES, Listed, NAME_CHARACTERS, NETWORK_CHARACTERS, ONE, Parts, Payload, Purpose, ReleaseTo,
    SERIAL_BYTES, SEVERAL, TITLE_CHARACTERS,
};
use crate::bytes::{Canonical as _, Reader};
use crate::fault::{Fault, Rule};
use crate::id::{ApprovalId, ReleaseKeyId};
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};

/// Bytes of the longest character in UTF-8.
const CHARACTER_BYTES: usize = 4;

pub(super) fn read(bytes: &[u8]) -> Result<Parts, Fault> {
    let mut reader = Reader::new(DOMAIN, bytes, Payload::MAX_BYTES)?;
    let [version] = reader.array::<1>("version")?;
    if !matches!(version, ONE | SEVERAL) {
        return Err(Rule::Unknown.at("version"));
    }
    let parts = Parts {
        purpose: Purpose::from_word(reader.text("purpose", 32)?).ok_or(Rule::Unknown.at("purpose"))?,
        id: ApprovalId(reader.array("id")?),
        service: text(&mut reader, "service", NAME_CHARACTERS)?,
        account: text(&mut reader, "account", NAME_CHARACTERS)?,
        company: text(&mut reader, "company", NAME_CHARACTERS)?,
        certificate: Some(reader.field("certificate", SERIAL_BYTES)?.to_vec()).filter(|serial| !serial.is_empty()),
        title: text(&mut reader, "title", TITLE_CHARACTERS)?,
        lines: reader.list("lines", LINES, |list| text(list, "lines", LINE_CHARACTERS))?,
        content: reader.optional("content")?,
        plan: reader.optional("plan")?,
        digests: reader.list("digests", DIGESTS, listed)?,
        network: text(&mut reader, "network", NETWORK_CHARACTERS)?,
        place: Some(text(&mut reader, "place", NAME_CHARACTERS)?).filter(|place| !place.is_empty()),
        nonce: reader.array("nonce")?,
        issued_ms: reader.number("issued")?,
        expires_ms: reader.number("expires")?,
        release_key: release_to(&mut reader)?,
        further: if version == SEVERAL { further(&mut reader)? } else { Vec::new() },
    };
    reader.end()?;
    Ok(parts)
}

fn text(reader: &mut Reader<'_>, name: &'static str, characters: usize) -> Result<String, Fault> {
    reader.text(name, characters * CHARACTER_BYTES).map(str::to_owned)
}

fn listed(reader: &mut Reader<'_>) -> Result<Listed, Fault> {
    Ok(Listed { label: text(reader, "digests", LINE_CHARACTERS)?, digest: reader.array("digests")? })
}

/// At least one: the same request has one form only.
fn further(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, Fault> {
    let serials = reader.list("further certificates", FURTHER, |list| Ok(list.field("further certificates", SERIAL_BYTES)?.to_vec()))?;
    if serials.is_empty() { Err(Rule::Absent.at("further certificates")) } else { Ok(serials) }
}

fn release_to(reader: &mut Reader<'_>) -> Result<Option<ReleaseTo>, Fault> {
    let (id, key) = (reader.optional("release key")?, reader.optional::<PUBLIC_KEY_BYTES>("release key")?);
    match (id, key) {
        (None, None) => Ok(None),
        (Some(id), Some(key)) => Ok(Some(ReleaseTo { id: ReleaseKeyId(id), key: PublicKey::from_sec1("release key", &key)? })),
        (Some(_), None) | (None, Some(_)) => Err(Rule::Misfit.at("release key")),
    }
}
