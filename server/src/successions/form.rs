//! A takeover on paper: a tagged PDF that a signatory signs by hand, and that an operator records.

use zeroize::Zeroizing;

use super::{SuccessionError, content::Content, read::About};
use crate::platform::{
    ground::Ground,
    paper::{Block, Paper, Print},
    words::{Language, Words},
};

/// How many characters of the fingerprint stand on one line.
const FINGERPRINT_LINE: usize = 32;

/// The form of one signatory: whose it is, who comes and who goes, why, the fingerprint, and lines to sign on.
///
/// # Errors
/// When it cannot be drawn.
pub async fn print(ground: &Ground, about: &About, language: Language) -> Result<Zeroizing<Vec<u8>>, SuccessionError> {
    let words = Words(language);
    let Content { wish, works_here, .. } = Content::of(&about.succession)?;
    let ends = wish.names_of_ends(&mut ground.database.read().await?, about.company.id).await?;
    let paragraph = |text: String| Block::Paragraph(Zeroizing::new(text));
    let company = about.company.legal_name.as_str();
    let title = words.say("successions.takeover");
    let mut blocks = vec![
        Block::Heading(title.clone()),
        paragraph(words.with("companies.agreement_for", &[("name", &about.signatory.name), ("company", company)])),
        paragraph(words.with("successions.line_successor", &[("value", &wish.successor_with_address())])),
        paragraph(words.say(if works_here.is_some() { "successions.works_here" } else { "successions.will_be_invited" })),
    ];
    if about.succession.requested_by.is_some() {
        blocks.push(paragraph(words.with("successions.line_requested", &[("value", &about.succession.asked_by_name)])));
    }
    if !ends.is_empty() {
        blocks.push(paragraph(words.with("successions.line_ends", &[("value", &ends.join(", "))])));
    }
    blocks.push(paragraph(words.with("successions.line_reason", &[("value", wish.reason.trim())])));
    blocks.push(paragraph(words.say("successions.form_fingerprint")));
    let fingerprint = hex::encode(about.succession.fingerprint());
    let (first, second) = fingerprint.split_at(FINGERPRINT_LINE);
    blocks.extend([first, second].map(|line| Block::Code(Zeroizing::new(line.to_owned()))));
    blocks.push(Block::Heading(words.say("companies.form_signature")));
    blocks.push(paragraph(words.with("successions.form_accept", &[("company", company)])));
    blocks.extend(["companies.form_line_place", "companies.form_line_signature"].map(|line| paragraph(words.say(line))));
    Ok(Paper { language: language.tag(), title, print: Print::Standard, envelope: None, blocks }.pdf()?)
}
