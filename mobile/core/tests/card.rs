//! What every card promises: its shape, its numbers, its fairness, and what is taken as an answer.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use keycard::{CARD_KEYS, Card, CardNumber, CardNumberError, CardSecret, KeyNumber, KeyNumberError, SHEET_COLUMNS, SHEET_ROWS, Words};
use sha2::{Digest, Sha256};

const CARDS: u32 = 400;

fn secret(seed: u32) -> CardSecret {
    CardSecret::new(Sha256::digest(seed.to_be_bytes()).into())
}

fn card(seed: u32) -> Card {
    Card::from_secret(&secret(seed))
}

fn number(value: u16) -> KeyNumber {
    KeyNumber::new(value).unwrap()
}

/// Pearson's statistic over equally likely cells.
fn chi_squared(counts: &[u32]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

#[test]
fn every_card_has_148_distinct_numbers_in_ascending_order() {
    for seed in 0..CARDS {
        let card = card(seed);
        assert_eq!(card.pairs().len(), 148);
        assert!(card.pairs().windows(2).all(|pair| pair[0].number < pair[1].number), "seed {seed}");
    }
}

#[test]
fn every_number_finds_its_own_key_and_place() {
    let card = card(1);
    for (index, pair) in card.pairs().iter().enumerate() {
        assert_eq!(card.index_of(pair.number), Some(index));
        assert!(card.key_for(pair.number).unwrap().matches(&pair.key.expose()));
        assert!(Card::key_of(&secret(1), pair.number).unwrap().matches(&pair.key.expose()));
    }
}

#[test]
fn a_number_that_is_not_on_the_card_has_no_key() {
    let card = card(2);
    let on_card: BTreeSet<u16> = card.pairs().iter().map(|pair| pair.number.value()).collect();
    let absent: Vec<u16> = (0..10_000).filter(|value| !on_card.contains(value)).collect();
    assert_eq!(absent.len(), 10_000 - CARD_KEYS);
    assert!(absent.iter().all(|value| card.key_for(number(*value)).is_none() && card.index_of(number(*value)).is_none()));
    assert!(absent.iter().step_by(50).all(|value| Card::key_of(&secret(2), number(*value)).is_none()));
}

#[test]
fn the_same_secret_gives_the_same_card_and_another_secret_another() {
    let words = Words { card_number: "Key card number", key_number: "Key no.", key: "Key" };
    assert_eq!(card(3).text(words), card(3).text(words));
    assert_ne!(card(3).text(words), card(4).text(words));
}

#[test]
fn no_two_of_many_cards_share_a_number() {
    let numbers: BTreeSet<String> = (0..CARDS).map(|seed| CardNumber::derive(&secret(seed)).to_string()).collect();
    assert_eq!(numbers.len(), CARDS as usize);
}

#[test]
fn every_digit_of_a_key_is_as_likely_in_every_place() {
    let mut counts = [[0_u32; 10]; 6];
    for seed in 0..CARDS {
        for pair in card(seed).pairs() {
            for (place, digit) in pair.key.expose().bytes().enumerate() {
                counts[place][usize::from(digit - b'0')] += 1;
            }
        }
    }
    // Nine degrees of freedom: 33.7 is passed once in ten thousand fair draws. The secrets are fixed, so the verdict is too.
    for (place, counts) in counts.iter().enumerate() {
        assert!(chi_squared(counts) < 33.7, "place {place}: {counts:?}");
    }
}

#[test]
fn every_hundred_of_key_numbers_is_as_likely() {
    let mut counts = [0_u32; 100];
    for seed in 0..CARDS {
        card(seed).pairs().iter().for_each(|pair| counts[usize::from(pair.number.value() / 100)] += 1);
    }
    // 99 degrees of freedom: 161.3 is passed once in ten thousand fair draws.
    assert!(chi_squared(&counts) < 161.3, "{counts:?}");
}

#[test]
fn every_letter_of_a_card_number_is_as_likely() {
    let mut counts = [0_u32; 26];
    for seed in 0..10_000 {
        let text = CardNumber::derive(&secret(seed)).to_string();
        counts[usize::from(text.as_bytes()[0] - b'A')] += 1;
    }
    // 25 degrees of freedom: 60.1 is passed once in ten thousand fair draws.
    assert!(chi_squared(&counts) < 60.1, "{counts:?}");
}

#[test]
fn a_key_is_taken_with_blanks_and_hyphens() {
    let card = card(5);
    let key = &card.pairs()[0].key;
    let digits = key.expose();
    let (left, right) = digits.split_at(3);
    for typed in [digits.to_string(), format!("{left} {right}"), format!("{left}-{right}"), format!("  {left}  {right} ")] {
        assert!(key.matches(&typed), "{typed:?}");
    }
    assert!(key.matches(&key.expose_grouped()));
}

#[test]
fn anything_but_the_six_digits_is_not_the_key() {
    let card = card(5);
    let key = &card.pairs()[0].key;
    let digits = key.expose();
    let wrong_last = format!("{}{}", &digits[..5], if digits.ends_with('0') { '1' } else { '0' });
    let full_width: String = digits.chars().map(|digit| char::from_u32(u32::from(digit) + 0xFEE0).unwrap()).collect();
    let padded = format!("{}{}", " ".repeat(64), *digits);
    for typed in [&wrong_last, &full_width, &padded, &digits[..5], &format!("{}0", *digits), &format!("{}.", *digits), "", " ", "------"] {
        assert!(!key.matches(typed), "{typed:?}");
    }
}

#[test]
fn every_single_wrong_digit_is_refused() {
    let card = card(6);
    let key = &card.pairs()[77].key;
    let right = key.expose();
    for place in 0..6 {
        for digit in '0'..='9' {
            let mut typed = right.to_string();
            typed.replace_range(place..=place, &digit.to_string());
            assert_eq!(key.matches(&typed), typed == *right);
        }
    }
}

#[test]
fn the_sheet_reads_down_four_columns_of_37() {
    let card = card(7);
    let down: Vec<_> = card.columns().iter().flat_map(|column| column.iter().map(|pair| pair.number)).collect();
    assert!(card.columns().iter().all(|column| column.len() == SHEET_ROWS));
    assert!(down.is_sorted() && down.len() == SHEET_COLUMNS * SHEET_ROWS);
    for (row, pairs) in card.rows().enumerate() {
        for (column, pair) in pairs.iter().enumerate() {
            assert_eq!(pair.number, card.columns()[column][row].number);
        }
    }
    assert_eq!(card.rows().len(), 37);
}

#[test]
fn the_text_says_the_number_of_the_card_and_then_one_pair_a_line() {
    let card = card(8);
    let text = card.text(Words { card_number: "Nøglekortnummer", key_number: "Nøgle nr.", key: "Nøgle" });
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("Nøglekortnummer: {}", card.number()));
    assert_eq!(lines[1], "Nøgle nr.: Nøgle");
    assert_eq!(lines.len(), 2 + 148);
    for (line, pair) in lines[2..].iter().zip(card.pairs()) {
        assert_eq!(*line, format!("{}: {}", pair.number, *pair.key.expose_grouped()));
        assert_eq!(line.len(), "0063: 103 749".len());
    }
}

#[test]
fn a_card_number_is_read_as_people_write_it() {
    for text in ["G750159724", "g750159724", "G750-159-724", " G 750 159 724 "] {
        assert_eq!(CardNumber::parse(text).unwrap().to_string(), "G750159724");
    }
    assert_eq!(CardNumber::parse("O000000042").unwrap().to_string(), "O000000042");
    assert_eq!("G750159724".parse(), CardNumber::parse("G750159724"));
}

#[test]
fn what_is_no_card_number_is_refused_with_the_reason() {
    assert_eq!(CardNumber::parse(""), Err(CardNumberError::NoLetter));
    assert_eq!(CardNumber::parse("7750159724"), Err(CardNumberError::NoLetter));
    assert_eq!(CardNumber::parse("Ø750159724"), Err(CardNumberError::NoLetter));
    assert_eq!(CardNumber::parse("G75015972"), Err(CardNumberError::DigitCount { found: 8 }));
    assert_eq!(CardNumber::parse("G7501597245"), Err(CardNumberError::DigitCount { found: 10 }));
    assert_eq!(CardNumber::parse(&format!("G{}", "9".repeat(5000))), Err(CardNumberError::DigitCount { found: 5000 }));
    assert_eq!(CardNumber::parse("G75015972x"), Err(CardNumberError::ForeignSign));
    assert_eq!(CardNumber::parse("G75015972٣"), Err(CardNumberError::ForeignSign));
}

#[test]
fn a_key_number_has_exactly_four_digits() {
    assert_eq!(KeyNumber::parse("0063").map(KeyNumber::value), Ok(63));
    assert_eq!(KeyNumber::parse("0063").unwrap().to_string(), "0063");
    for text in ["63", "00063", "+063", "006 ", "", "００６３"] {
        assert_eq!(KeyNumber::parse(text), Err(KeyNumberError::NotFourDigits), "{text:?}");
    }
    assert_eq!(KeyNumber::new(10_000), Err(KeyNumberError::TooLarge { value: 10_000 }));
    assert_eq!(KeyNumber::new(9_999).unwrap().to_string(), "9999");
}
