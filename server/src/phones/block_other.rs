//! A phone that is at hand blocks another one of the same person, which is lost: by a signature of its key, not by its token alone.
//!
//! A phone in its waiting time blocks none: whoever has just paired one in somebody's name could take away the phones that would tell.

use keycard::wire::BlockPhone;

use super::{Phone, PhoneError, end, model::wire_id};
use crate::platform::{actor::Author, database::Unit, id::PhoneId};

/// Blocks the lost phone. Blocking it again is no error; the person is told by mail the first time.
///
/// # Errors
/// [`PhoneError::NotRight`] for a signature of another key or over other names; [`PhoneError::NotYet`]; [`PhoneError::NotFound`] for somebody
/// else's phone.
pub async fn block_other(unit: &mut Unit, phone: &Phone, lost: PhoneId, asked: &BlockPhone) -> Result<(), PhoneError> {
    let block = asked.block.open(&phone.keys.sign).map_err(|_| PhoneError::NotRight)?;
    if block.phone != phone.wire_id() || block.lost != wire_id(lost) {
        return Err(PhoneError::NotRight);
    }
    if !phone.signs(unit.now()) {
        return Err(PhoneError::NotYet { from: phone.signs_from });
    }
    end::block(unit, phone.account, lost, Author::Account(phone.account)).await
}
