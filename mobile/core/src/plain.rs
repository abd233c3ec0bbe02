//! Plain text, as a person reads it on the phone: one line, no sign that hides, turns or heaps.
//!
//! Refused are control characters, the marks that turn the direction of writing, signs without a picture (also joiners and tags), line
//! and paragraph separators, more than three combining marks on one sign, and blanks at either end or side by side: each of them can make
//! a text look like another, or push the rest out of sight. [`tame`] makes text from elsewhere (a file's title) fit.

use crate::fault::{Fault, Rule};

/// As many marks may stand on one sign.
const MOST_MARKS: usize = 3;

/// Judges one line of 1 to `bound` characters.
///
/// # Errors
/// [`Fault`] with `field` and the first rule that is broken.
pub fn judge(field: &'static str, text: &str, bound: usize) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Rule::Absent.at(field));
    }
    if text.len() > bound.saturating_mul(4) || text.chars().count() > bound {
        return Err(Rule::TooLong { bound }.at(field));
    }
    if text.chars().any(is_foreign) {
        return Err(Rule::ForeignSign.at(field));
    }
    let blank_ends = text.starts_with(is_blank) || text.ends_with(is_blank);
    let pairs = text.chars().zip(text.chars().skip(1)).any(|(first, second)| is_blank(first) && is_blank(second));
    if blank_ends || pairs || has_heaped_marks(text) {
        return Err(Rule::Spacing.at(field));
    }
    Ok(())
}

/// `text` made to fit [`judge`]: foreign signs become `\u{FFFD}`, blanks and line ends one blank, heaped marks are dropped, and what is
/// longer than `bound` characters ends in `…`. Nothing is left of a text without any sign: the caller says what stands there instead.
#[must_use]
pub fn tame(text: &str, bound: usize) -> String {
    let mut tamed = String::new();
    if bound == 0 {
        return tamed;
    }
    let (mut characters, mut marks, mut gap) = (0, 0, false);
    for sign in text.chars() {
        if sign.is_whitespace() {
            gap = true;
            continue;
        }
        marks = match (is_mark(sign), gap) {
            (true, false) => marks + 1,
            (true, true) => 1,
            (false, _) => 0,
        };
        if marks > MOST_MARKS {
            continue;
        }
        let needed = 1 + usize::from(gap && characters > 0);
        if characters + needed > bound {
            return ellipsis(tamed, characters == bound);
        }
        if gap && characters > 0 {
            tamed.push(' ');
        }
        tamed.push(if is_foreign(sign) { char::REPLACEMENT_CHARACTER } else { sign });
        characters += needed;
        gap = false;
    }
    tamed
}

/// Ends in `…`, in place of the last sign where the text is full.
fn ellipsis(mut text: String, full: bool) -> String {
    if full {
        text.pop();
        text.truncate(text.trim_end().len());
    }
    text.push('…');
    text
}

fn has_heaped_marks(text: &str) -> bool {
    let mut marks = 0;
    text.chars().any(|sign| {
        marks = if is_mark(sign) { marks + 1 } else { 0 };
        marks > MOST_MARKS
    })
}

/// The blanks that may stand in a line: the common one, and those that keep a number and its unit together.
fn is_blank(sign: char) -> bool {
    matches!(sign, ' ' | '\u{A0}' | '\u{202F}')
}

fn is_mark(sign: char) -> bool {
    matches!(u32::from(sign), 0x300..=0x36F | 0x483..=0x489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

fn is_foreign(sign: char) -> bool {
    let code = u32::from(sign);
    let invisible = matches!(code,
        0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
        | 0x2800 | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
        | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF);
    let private = matches!(code, 0xE000..=0xF8FF | 0xF0000..=0x10FFFF) || code & 0xFFFE == 0xFFFE || matches!(code, 0xFDD0..=0xFDEF);
    let wide_blank = sign.is_whitespace() && !is_blank(sign);
    sign.is_control() || invisible || private || wide_blank
}
