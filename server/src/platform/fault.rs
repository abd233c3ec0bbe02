//! What is wrong with one field of an input: which field, which rule, in words of both languages.

use super::{
    text::TextFault,
    words::{Language, Words},
};

/// One fault. `rule` is a key of the `problems` words without its slice, as `field_empty`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name, as in JSON and in forms.
    pub field: String,
    /// The rule's key.
    pub rule: &'static str,
    /// What the rule's text names.
    pub values: Vec<(&'static str, String)>,
}

impl FieldFault {
    /// A fault whose text names nothing.
    pub fn new(field: impl Into<String>, rule: &'static str) -> Self {
        Self { field: field.into(), rule, values: Vec::new() }
    }

    /// Adds a value that the text names.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// A fault of a line of text.
    pub fn text(field: impl Into<String>, fault: TextFault) -> Self {
        match fault {
            TextFault::Empty => Self::new(field, "field_empty"),
            TextFault::Hidden { position } => Self::new(field, "field_hidden_character").with("position", position),
            TextFault::Long { length, most } => Self::new(field, "field_long").with("length", length).with("most", most),
        }
    }

    /// The sentence in a language.
    pub fn sentence(&self, language: Language) -> String {
        let values: Vec<_> = self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Words(language).with(&format!("problems.{}", self.rule), &values)
    }
}
