//! Answers of an independent program (`known_answers.py` beside this file, on Python's own hmac), pinned: a card that was printed
//! once must come out the same for as long as it is in use.
#![allow(clippy::unwrap_used)]

use keycard::{Card, CardSecret, KeyNumber};
use sha2::{Digest, Sha256};

struct Answer {
    secret: &'static str,
    card_number: &'static str,
    /// Places on the card: first, second, end of the first column, start of the second, last.
    pairs: [(usize, &'static str); 5],
    sha256_of_all_pairs: &'static str,
}

const ZEROS: Answer = Answer {
    secret: "0000000000000000000000000000000000000000000000000000000000000000",
    card_number: "P748453346",
    pairs: [(0, "0034 957328"), (1, "0098 258109"), (36, "2488 069783"), (37, "2530 908251"), (147, "9975 422207")],
    sha256_of_all_pairs: "5899f6917f545d9d72f22fd8883bad33003d09b484234968bb588dad4d1bdad9",
};

const COUNTING: Answer = Answer {
    secret: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    card_number: "B087765633",
    pairs: [(0, "0061 201947"), (1, "0067 861180"), (36, "2535 260040"), (37, "2574 323562"), (147, "9955 544262")],
    sha256_of_all_pairs: "58644a59f20d4b8293bf1a580437aee005766a624688a14128e0861471ea47d1",
};

/// The first word for the key beside 3293 is thrown away on this card.
const REJECTING: Answer = Answer {
    secret: "000000000000000000000000000000000000000000000000000000000000000e",
    card_number: "G917822924",
    pairs: [(0, "0062 022627"), (1, "0080 253503"), (36, "2400 935208"), (37, "2516 460916"), (147, "9997 388614")],
    sha256_of_all_pairs: "07da7e87269a7d80063e2115bec7ba6e1b5262982f2c9dc9577e3a8cc4adc25c",
};

fn card_of(answer: &Answer) -> Card {
    let bytes: [u8; 32] = hex::decode(answer.secret).unwrap().try_into().unwrap();
    Card::from_secret(&CardSecret::new(bytes))
}

fn lines(card: &Card) -> Vec<String> {
    card.pairs().iter().map(|pair| format!("{} {}", pair.number, *pair.key.expose())).collect()
}

fn assert_answer(answer: &Answer) {
    let card = card_of(answer);
    assert_eq!(card.number().to_string(), answer.card_number);
    let lines = lines(&card);
    for (place, pair) in answer.pairs {
        assert_eq!(lines[place], pair, "place {place}");
    }
    assert_eq!(hex::encode(Sha256::digest(lines.join("\n"))), answer.sha256_of_all_pairs);
}

#[test]
fn the_secret_of_zeros_gives_the_known_card() {
    assert_answer(&ZEROS);
}

#[test]
fn the_counting_secret_gives_the_known_card() {
    assert_answer(&COUNTING);
}

#[test]
fn a_word_above_the_limit_is_thrown_away() {
    assert_answer(&REJECTING);
    let card = card_of(&REJECTING);
    assert!(card.key_for(KeyNumber::new(3293).unwrap()).unwrap().matches("485630"));
}
