//! Judges the rows of a file by themselves and against each other; what the company's present employees say comes when they are stored.

use std::collections::HashMap;

use super::{
    model::{Row, RowFault, RowState},
    read::Cells,
};
use crate::{
    employees::{details::Said, invite},
    platform::{
        day::Day,
        fault::FieldFault,
        id::{EmployeeId, Id as _},
        moment::Moment,
        random::Random,
        telephone::Telephone,
        text,
        words::Language,
    },
    proofing,
};

/// So much of a bad cell is kept and shown, characters.
const SHOWN: usize = 100;

/// Judges every row. Whoever stands twice is good the first time.
pub(super) fn judge(people: Vec<Cells>, language: Language, now: Moment, random: &dyn Random) -> Vec<Row> {
    let (mut seen, mut numbers): (HashMap<String, i64>, HashMap<String, i64>) = (HashMap::new(), HashMap::new());
    let today = Day::of(now);
    people
        .into_iter()
        .map(|cells| {
            let mut row = row(cells, language, today);
            row.employee = EmployeeId::fresh(now, random);
            if row.state == RowState::Good {
                match seen.get(&row.search_email()) {
                    Some(first) => refuse(&mut row, FieldFault::new("email", "field_people_row_twice").with("line", first)),
                    None => drop(seen.insert(row.search_email(), row.line)),
                }
            }
            if let (RowState::Good, Some(number)) = (row.state, row.rid.clone()) {
                match numbers.get(&number) {
                    Some(first) => refuse(&mut row, FieldFault::new("rid", "field_people_number_twice").with("line", first)),
                    None => drop(numbers.insert(number, row.line)),
                }
            }
            row
        })
        .collect()
}

fn refuse(row: &mut Row, fault: FieldFault) {
    row.state = RowState::Bad;
    row.faults.push(fault.into());
}

fn row(cells: Cells, language: Language, today: Day) -> Row {
    let [given_name, surname, email, included, spoken, called, born, unit, title, groups, number] = cells.texts;
    let mut faults = Vec::new();
    let person = invite::person("", &given_name, &surname, &email).map_err(|found| faults.extend(found)).ok();
    let included = yes_or_no(&included).unwrap_or_else(|| {
        faults.push(FieldFault::new("email_in_certificate", "field_people_yes_no"));
        false
    });
    let spoken = spoken_language(&spoken, language).unwrap_or_else(|| {
        faults.push(FieldFault::new("language", "field_people_language"));
        language
    });
    let telephone = Some(called.trim()).filter(|typed| !typed.is_empty()).and_then(|typed| {
        let found = Telephone::parse(typed).filter(Telephone::is_called);
        if found.is_none() {
            faults.push(FieldFault::new("telephone", "field_telephone"));
        }
        found
    });
    let birth_date = Some(born.trim()).filter(|typed| !typed.is_empty());
    let birth_date = birth_date.and_then(|typed| proofing::birth_of_age(typed, today).map_err(|fault| faults.push(fault)).ok());
    let said = Said::read(&unit, &title, &groups_in(&groups), &number).map_err(|found| faults.extend(found)).ok();
    if cells.has_more {
        faults.push(FieldFault::new("", "field_people_row_long"));
    }
    let [given_name, surname, email] = match &person {
        Some(person) => [person.given_name.to_string(), person.surname.to_string(), person.email.to_string()],
        None => [given_name, surname, email].map(|typed| text::readable(typed.trim(), SHOWN)),
    };
    Row {
        line: cells.line,
        employee: EmployeeId::from_uuid(uuid::Uuid::nil()),
        given_name,
        surname,
        email,
        email_in_certificate: included,
        language: spoken,
        telephone,
        birth_date,
        sealed_birth_date: None,
        details: said.as_ref().map(|said| said.details().clone()).unwrap_or_default(),
        rid: said.and_then(|said| said.number().map(str::to_owned)),
        state: if faults.is_empty() { RowState::Good } else { RowState::Bad },
        faults: faults.into_iter().map(RowFault::from).collect(),
    }
}

/// Several groups stand in one cell, parted by commas, semicolons or upright strokes.
fn groups_in(cell: &str) -> Vec<String> {
    cell.split([',', ';', '|']).map(str::to_owned).collect()
}

/// An empty cell says no.
fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.trim().to_lowercase().as_str() {
        "" | "nej" | "no" | "n" | "false" | "falsk" | "0" => Some(false),
        "ja" | "yes" | "j" | "y" | "true" | "sand" | "1" | "x" => Some(true),
        _ => None,
    }
}

fn spoken_language(cell: &str, otherwise: Language) -> Option<Language> {
    match cell.trim().to_lowercase().as_str() {
        "" => Some(otherwise),
        "da" | "dansk" | "danish" => Some(Language::Da),
        "en" | "engelsk" | "english" => Some(Language::En),
        _ => None,
    }
}

/// Whom somebody invited meanwhile, or who was there before.
pub(super) fn is_there() -> RowFault {
    FieldFault::new("email", "field_people_there").into()
}
