//! The rules of a payload, field by field and between fields.

use super::{
    DIGESTS, FURTHER, LINE_CHARACTERS, LINES, LONGEST_LIFETIME_MS, NAME_CHARACTERS, NETWORK_CHARACTERS, Parts, Purpose, SERIAL_BYTES,
    TITLE_CHARACTERS,
};
use crate::fault::{Fault, Rule};
use crate::plain;

pub(super) fn judge(parts: &Parts) -> Result<(), Fault> {
    texts(parts)?;
    lists(parts)?;
    parts.certificate.iter().try_for_each(|serial| serial_number("certificate", serial))?;
    further(parts)?;
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

fn serial_number(field: &'static str, serial: &[u8]) -> Result<(), Fault> {
    match serial.len() {
        0 => Err(Rule::Absent.at(field)),
        1..=SERIAL_BYTES => Ok(()),
        _ => Err(Rule::TooLong { bound: SERIAL_BYTES }.at(field)),
    }
}

fn further(parts: &Parts) -> Result<(), Fault> {
    const FIELD: &str = "further certificates";
    if parts.further.len() > FURTHER {
        return Err(Rule::TooMany { bound: FURTHER }.at(FIELD));
    }
    parts.further.iter().try_for_each(|serial| serial_number(FIELD, serial))?;
    let in_place = parts.purpose == Purpose::NewPassword && parts.release_key.is_some();
    let named: Vec<_> = parts.certificate.iter().chain(&parts.further).collect();
    let twice = named.iter().enumerate().any(|(at, serial)| named[..at].contains(serial));
    let fits = parts.further.is_empty() || (in_place && !twice);
    if fits { Ok(()) } else { Err(Rule::Misfit.at(FIELD)) }
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
