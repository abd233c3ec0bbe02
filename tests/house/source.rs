//! The project's text as the rules read it: files by place, Rust files as flat tokens without comments and without test modules.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One token, with its line.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub piece: Piece,
    /// Its line, from 1.
    pub line: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A word.
    Word(String),
    /// The value of a string literal.
    Text(String),
    /// A sign, a bracket included.
    Sign(char),
    /// A number, a character or another literal.
    Literal,
}

/// A Rust file.
pub struct Source {
    /// Its path from the root of the project, with slashes.
    pub path: String,
    /// Its tokens; what stands under `#[cfg(test)]` is left out.
    pub tokens: Vec<Token>,
}

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file below a folder, as paths from the root, sorted.
pub fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// The text of a file, by its path from the root.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Rust files below a folder, files of tests left out.
pub fn rust(folder: &str) -> Vec<Source> {
    let ours = files(folder).into_iter().filter(|path| path.ends_with(".rs") && !is_test(path));
    ours.map(|path| Source::of(&path, &read(&path))).collect()
}

/// Whether a file holds tests only.
pub fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

fn tokens(text: &str, path: &str) -> Vec<Token> {
    let stream: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut flat = Vec::new();
    flatten(stream, &mut flat);
    flat
}

fn flatten(stream: TokenStream, flat: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        if let (TokenTree::Punct(sign), Some(TokenTree::Group(attribute))) = (&tree, trees.peek())
            && sign.as_char() == '#'
            && attribute.stream().to_string().replace(' ', "") == "cfg(test)"
        {
            // The item that follows is skipped: up to its body, or to its semicolon.
            trees.by_ref().skip(1).find(ends_item);
            continue;
        }
        push(tree, flat);
    }
}

fn ends_item(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    }
}

fn push(tree: TokenTree, flat: &mut Vec<Token>) {
    let line = tree.span().start().line;
    match tree {
        TokenTree::Group(group) => push_group(&group, flat),
        TokenTree::Ident(word) => flat.push(Token { piece: Piece::Word(word.to_string()), line }),
        TokenTree::Punct(sign) => flat.push(Token { piece: Piece::Sign(sign.as_char()), line }),
        TokenTree::Literal(literal) => {
            let piece = string_value(&literal.to_string()).map_or(Piece::Literal, Piece::Text);
            flat.push(Token { piece, line });
        }
    }
}

fn push_group(group: &Group, flat: &mut Vec<Token>) {
    let (open, close) = match group.delimiter() {
        Delimiter::Brace => ('{', '}'),
        Delimiter::Bracket => ('[', ']'),
        Delimiter::Parenthesis => ('(', ')'),
        Delimiter::None => (' ', ' '),
    };
    flat.push(Token { piece: Piece::Sign(open), line: group.span_open().start().line });
    flatten(group.stream(), flat);
    flat.push(Token { piece: Piece::Sign(close), line: group.span_close().start().line });
}

/// The value of a string literal as it stands in the source; none for another literal.
fn string_value(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let inner = raw.trim_matches('#');
        return Some(inner.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::new();
    let mut rest = inner.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => value.push('\n'),
            Some('\n') => while rest.next_if(|next| next.is_whitespace()).is_some() {},
            Some(other) => value.push(other),
            None => {}
        }
    }
    Some(value)
}

/// A path that a file names: `use` trees are spread out, `self`, `super` and `crate` are resolved from the file's place.
#[derive(Clone, Debug)]
pub struct Named {
    /// As `["crate", "audit", "record"]` or `["sqlx", "query"]`.
    pub parts: Vec<String>,
    /// Its line.
    pub line: usize,
    /// Whether a `use` names it.
    pub imported: bool,
}

impl Named {
    /// Whether it begins with these parts.
    pub fn is_under(&self, parts: &[&str]) -> bool {
        self.parts.len() >= parts.len() && self.parts.iter().zip(parts).all(|(mine, theirs)| mine == theirs)
    }

    /// The module directly below `crate` that it leads into.
    pub fn module(&self) -> Option<&str> {
        (self.parts.first()? == "crate").then(|| self.parts.get(1).map(String::as_str))?
    }
}

impl Source {
    /// A file's text, as the rules read it.
    pub fn of(path: &str, text: &str) -> Self {
        Self { tokens: tokens(text, path), path: path.to_owned() }
    }

    /// The module of the file, as `["crate", "audit", "model"]`.
    fn module(&self) -> Vec<String> {
        let inner = self.path.split_once("/src/").map_or("", |(_, inner)| inner).trim_end_matches(".rs");
        let inner = inner.trim_end_matches("/mod");
        let parts = inner.split('/').filter(|part| !matches!(*part, "lib" | "main" | "mod" | ""));
        std::iter::once("crate").chain(parts).map(str::to_owned).collect()
    }

    /// Every path of two or more parts, and every imported name.
    pub fn paths(&self) -> Vec<Named> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let Piece::Word(word) = &self.tokens[at].piece else {
                at += 1;
                continue;
            };
            let imports = word == "use";
            let from = if imports { at + 1 } else { at };
            let next = self.spread(from, &[], &mut found, imports);
            at = next.max(at + 1);
        }
        for named in &mut found {
            named.parts = self.resolved(&named.parts);
        }
        found
    }

    /// Reads one path (or tree) and gives the place behind it.
    fn spread(&self, mut at: usize, before: &[String], found: &mut Vec<Named>, imports: bool) -> usize {
        let mut parts = before.to_vec();
        let line = self.tokens.get(at).map_or(0, |token| token.line);
        loop {
            match self.tokens.get(at).map(|token| &token.piece) {
                Some(Piece::Word(word)) => {
                    parts.push(word.clone());
                    at += 1;
                }
                Some(Piece::Sign('{')) if imports => {
                    at = self.spread_tree(at, &parts, found);
                    return at;
                }
                _ => break,
            }
            if self.is_sign(at, ':') && self.is_sign(at + 1, ':') {
                at += 2;
            } else {
                break;
            }
        }
        if parts.len() > 1 || imports {
            found.push(Named { parts, line, imported: imports });
        }
        at
    }

    fn spread_tree(&self, open: usize, parts: &[String], found: &mut Vec<Named>) -> usize {
        let mut at = open + 1;
        while at < self.tokens.len() && !self.is_sign(at, '}') {
            let next = self.spread(at, parts, found, true);
            at = next.max(at + 1);
            // `as name` and the comma.
            while at < self.tokens.len() && !self.is_sign(at, '}') && !self.is_sign(at, ',') {
                at += 1;
            }
            if self.is_sign(at, ',') {
                at += 1;
            }
        }
        at + 1
    }

    fn resolved(&self, parts: &[String]) -> Vec<String> {
        let mut module = self.module();
        let mut rest = parts;
        let mut relative = false;
        while let Some((first, tail)) = rest.split_first() {
            match first.as_str() {
                "self" if !relative && rest.len() == parts.len() => relative = true,
                "super" => {
                    module.pop();
                    relative = true;
                }
                _ => break,
            }
            rest = tail;
        }
        if relative { module.into_iter().chain(rest.iter().cloned()).collect() } else { parts.to_vec() }
    }

    /// Whether the token at this place is that sign.
    pub fn is_sign(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.piece == Piece::Sign(sign))
    }

    /// Whether the token at this place is that word.
    pub fn is_word(&self, at: usize, word: &str) -> bool {
        matches!(self.tokens.get(at).map(|token| &token.piece), Some(Piece::Word(found)) if found == word)
    }

    /// The word at this place.
    pub fn word(&self, at: usize) -> Option<&str> {
        match &self.tokens.get(at)?.piece {
            Piece::Word(word) => Some(word),
            Piece::Text(_) | Piece::Sign(_) | Piece::Literal => None,
        }
    }

    /// Every string literal: its value, its line, its place among the tokens.
    pub fn texts(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        self.tokens.iter().enumerate().filter_map(|(at, token)| match &token.piece {
            Piece::Text(text) => Some((text.as_str(), token.line, at)),
            Piece::Word(_) | Piece::Sign(_) | Piece::Literal => None,
        })
    }

    /// The slice (or floor) and the room: `server/src/audit/read.rs` is `("audit", "read")`.
    pub fn room(&self) -> (&str, &str) {
        let inner = self.path.strip_prefix("server/src/").unwrap_or("").trim_end_matches(".rs");
        match inner.split_once('/') {
            Some((slice, room)) => (slice, room),
            None => (inner, "mod"),
        }
    }
}

/// Fails with every fault, one a line.
pub fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} fault(s):\n  {}", faults.len(), faults.join("\n  "));
}
