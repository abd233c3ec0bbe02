//! Files of people: nouns without rows.

use crate::{
    employees::Details,
    platform::{
        actor::Author,
        day::Day,
        fault::FieldFault,
        id::{AccountId, CompanyId, EmployeeId, ImportId},
        moment::Moment,
        telephone::Telephone,
        words::{Language, Words},
    },
};

/// The largest file, bytes.
pub const FILE_BYTES: usize = 4 * 1024 * 1024;
/// The most people in a file.
pub const MOST_PEOPLE: usize = 20_000;
/// The most files that a company may have read within a day.
pub const MOST_A_DAY: i64 = 50;
/// A file whose people are forgotten counts for so long among those of a day.
pub const COUNTED: time::Duration = time::Duration::DAY;
/// So many people are invited in one unit: others who write wait no longer than that takes.
pub const PORTION: i64 = 64;
/// A file's rows are forgotten so long after the import's end, or after it was read when it never began.
pub const KEPT: time::Duration = time::Duration::days(30);

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Its rows are being stored.
    Reading,
    /// The dry run is done.
    Checked,
    /// People are being invited.
    Running,
    /// Everybody is invited who could be.
    Done,
    /// An administrator ended it.
    Cancelled,
    /// The company was closed meanwhile.
    Failed,
    /// Whoever started it administers the company no more.
    Stopped,
}

impl ImportState {
    const ALL: [Self; 7] = [Self::Reading, Self::Checked, Self::Running, Self::Done, Self::Cancelled, Self::Failed, Self::Stopped];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Checked => "checked",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Which rows are imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// All of them; when one is bad at the start, none.
    All,
    /// The good ones.
    Good,
}

impl Way {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Good => "good",
        }
    }

    /// The way of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::All, Self::Good].into_iter().find(|way| way.word() == word)
    }
}

/// How many rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In the file.
    pub people: i64,
    /// Judged good.
    pub good: i64,
    /// Judged bad.
    pub bad: i64,
    /// Invited so far.
    pub invited: i64,
    /// Good, and refused on the way, since somebody invited them meanwhile.
    pub refused: i64,
}

/// A file of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The id.
    pub id: ImportId,
    /// Whose employees they become.
    pub company: CompanyId,
    /// Who sent it, and once it began who started it: in their name people are invited.
    pub asked_by: AccountId,
    /// What the file is called.
    pub file_name: String,
    /// The language of mails and letters where a row names none.
    pub language: Language,
    /// Which rows were chosen, once it began.
    pub way: Option<Way>,
    /// How far.
    pub state: ImportState,
    /// How many.
    pub counts: Counts,
    /// The line where the next portion begins.
    pub next_line: i64,
    /// When it was sent.
    pub created_at: Moment,
    /// When it began.
    pub started_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
}

impl Import {
    /// In whose name it invites.
    pub fn author(&self) -> Author {
        Author::Account(self.asked_by)
    }

    /// Whether it can be ended before its end.
    pub fn may_cancel(&self) -> bool {
        match self.state {
            ImportState::Reading | ImportState::Checked | ImportState::Running => true,
            ImportState::Done | ImportState::Cancelled | ImportState::Failed | ImportState::Stopped => false,
        }
    }
}

/// How far a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// It breaks a rule.
    Bad,
    /// It can be imported.
    Good,
    /// The person is invited.
    Invited,
    /// It was good, and somebody invited the person meanwhile.
    Refused,
}

impl RowState {
    const ALL: [Self; 4] = [Self::Bad, Self::Good, Self::Invited, Self::Refused];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Good => "good",
            Self::Invited => "invited",
            Self::Refused => "refused",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What is wrong with one cell of a row, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RowFault {
    /// The column.
    pub field: String,
    /// The rule's key in the `problems` words.
    pub rule: String,
    /// What the rule's text names.
    pub values: Vec<(String, String)>,
}

impl From<FieldFault> for RowFault {
    fn from(fault: FieldFault) -> Self {
        let values = fault.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { field: fault.field, rule: fault.rule.to_owned(), values }
    }
}

impl RowFault {
    /// The sentence in a language.
    pub fn sentence(&self, language: Language) -> String {
        let values: Vec<_> = self.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Words(language).with(&format!("problems.{}", self.rule), &values)
    }

    /// The column's name in a language, as our own example file has it.
    pub fn column(&self, language: Language) -> String {
        match super::read::Column::of_field(&self.field) {
            Some(column) => column.name(language).to_owned(),
            None => Words(language).say("employees.import_row"),
        }
    }
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file.
    pub line: i64,
    /// Whom it becomes.
    pub employee: EmployeeId,
    /// Given names; of a bad row as far as they can be shown.
    pub given_name: String,
    /// Surname, in the same way.
    pub surname: String,
    /// Where mail goes, in the same way.
    pub email: String,
    /// Whether the address stands in the certificate.
    pub email_in_certificate: bool,
    /// The language of mails and letters.
    pub language: Language,
    /// Where the person is called.
    pub telephone: Option<Telephone>,
    /// The birth date as it was read: never stored so.
    pub birth_date: Option<Day>,
    /// The same, sealed for this person.
    pub sealed_birth_date: Option<Vec<u8>>,
    /// What the company says of the person for itself.
    pub details: Details,
    /// The number (RID) that certificates of the family `oces2` carry.
    pub rid: Option<String>,
    /// How far.
    pub state: RowState,
    /// What is wrong; nothing with a good row.
    pub faults: Vec<RowFault>,
}

impl Row {
    /// What an address is compared by.
    pub fn search_email(&self) -> String {
        search_email(&self.email)
    }

    /// What is wrong, in a language: the column and the sentence.
    pub fn reasons(&self, language: Language) -> Vec<String> {
        self.faults.iter().map(|fault| format!("{}: {}", fault.column(language), fault.sentence(language))).collect()
    }
}

/// What e-mail addresses are compared by: people and their mail programs write them in any case.
pub fn search_email(address: &str) -> String {
    address.to_ascii_lowercase()
}
