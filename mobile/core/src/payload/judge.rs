//! The rules of a payload, field by field and between fields.

use super::{
    DIGESTS, LINE_CHARACTERS, LINES, LONGEST_LIFETIME_MS, NAME_CHARACTERS, NETWORK_CHARACTERS, Parts, Purpose, SERIAL_BYTES,
    TITLE_CHARACTERS,
};
use crate::fault::{Fault, Rule};
use crate::plain;

pub(super) fn judge(parts: &Parts) -> Result<(), Fault> {
    texts(parts)?;
    lists(parts)?;
    if let Some(serial) = &parts.certificate {
        match serial.len() {
            0 => return Err(Rule::Absent.at("certificate")),
            1..=SERIAL_BYTES => {}
            _ => return Err(Rule::TooLong { bound: SERIAL_BYTES }.at("certificate")),
        }
    }
    let lifetime_ms = parts.expires_ms.checked_sub(parts.issued_ms).filter(|lifetime| *lifetime > 0);
    if lifetime_ms.is_none_or(|lifetime| lifetime > LONGEST_LIFETIME_MS) {
        return Err(Rule::Misfit.at("expires"));
    }
    let out_of_place = parts.release_key.is_some() && !(parts.purpose.may_release() && parts.certificate.is_some());
    if out_of_place {
        return Err(Rule::Misfit.at("release key"));
    }
    let one = parts.content.is_some() && parts.plan.is_some();
    if parts.purpose == Purpose::SignDocument && !one && parts.digests.is_empty() {
        return Err(Rule::Absent.at("content"));
    }
    Ok(())
}

fn texts(parts: &Parts) -> Result<(), Fault> {
    plain::judge("service", &parts.service, NAME_CHARACTERS)?;
    plain::judge("account", &parts.account, NAME_CHARACTERS)?;
    plain::judge("company", &parts.company, NAME_CHARACTERS)?;
    plain::judge("title", &parts.title, TITLE_CHARACTERS)?;
    plain::judge("network", &parts.network, NETWORK_CHARACTERS)?;
    parts.place.as_deref().map_or(Ok(()), |place| plain::judge("place", place, NAME_CHARACTERS))
}

fn lists(parts: &Parts) -> Result<(), Fault> {
    if parts.lines.len() > LINES {
        return Err(Rule::TooMany { bound: LINES }.at("lines"));
    }
    if parts.digests.len() > DIGESTS {
        return Err(Rule::TooMany { bound: DIGESTS }.at("digests"));
    }
    parts.lines.iter().try_for_each(|line| plain::judge("lines", line, LINE_CHARACTERS))?;
    parts.digests.iter().try_for_each(|listed| plain::judge("digests", &listed.label, LINE_CHARACTERS))
}
