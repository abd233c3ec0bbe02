//! Tells the web addresses in a text from its other words.

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A web address, to click.
    Link(String),
    /// Anything else.
    Words(String),
}

/// A text with its web addresses told apart.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = [rest.find("http://"), rest.find("https://")].into_iter().flatten().min() {
        let (before, from) = rest.split_at(at);
        let end = from.find(|character: char| character.is_whitespace() || matches!(character, '<' | '>' | '"')).unwrap_or(from.len());
        let (link, after) = from.split_at(end);
        let link_only = link.trim_end_matches(['.', ',', ')', ';']);
        found.push(Piece::Words(before.to_owned()));
        found.push(Piece::Link(link_only.to_owned()));
        found.push(Piece::Words(link[link_only.len()..].to_owned()));
        rest = after;
    }
    found.push(Piece::Words(rest.to_owned()));
    found.retain(|piece| !matches!(piece, Piece::Words(words) if words.is_empty()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_before_the_full_stop() {
        let expected = [
            Piece::Words("See ".to_owned()),
            Piece::Link("https://segl.dk/a?b=1".to_owned()),
            Piece::Words(".".to_owned()),
            Piece::Words("\nBye".to_owned()),
        ];
        assert_eq!(pieces("See https://segl.dk/a?b=1.\nBye"), expected);
    }
}
