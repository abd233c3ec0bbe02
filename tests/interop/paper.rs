//! Poppler reads what is printed: cards and letters are tagged, every font is embedded, and only the address shows in the window of the envelope.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::json;
use support::peers::tools::run;

use crate::{Scene, scene};

/// The newest letter to Bø, as its file.
fn letter(scene: &Scene<'_>, subject: &str) -> anyhow::Result<PathBuf> {
    let letters = scene.world.mailbox.letters_to("Bø Ærlig");
    let found = letters.into_iter().find(|letter| letter.subject == subject).with_context(|| format!("no letter {subject:?}"))?;
    Ok(found.path(&scene.world.plot().data().join("spool")))
}

async fn said(tool: &str, arguments: &[&str], file: &Path) -> String {
    let arguments = arguments.iter().map(Path::new).chain([file]);
    run(tool, arguments).await.words
}

/// What holds of every paper.
async fn is_accessible(file: &Path, language_title: &str) -> anyhow::Result<()> {
    let facts = said("pdfinfo", &[], file).await;
    ensure!(facts.contains("Tagged:          yes") && facts.contains("595.28 x 841.89 pts (A4)"), "{facts}");
    ensure!(facts.contains(language_title), "{facts}");
    let fonts = said("pdffonts", &[], file).await;
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    ensure!(!rows.is_empty() && rows.iter().all(|row| row.contains("IBMPlexSans") && row.contains(" yes yes yes ")), "{fonts}");
    let metadata = said("pdfinfo", &["-meta"], file).await;
    ensure!(metadata.contains("pdfuaid:part"), "{metadata}");
    Ok(())
}

#[test]
fn poppler_finds_cards_tagged_their_fonts_embedded_and_every_key_beside_its_number() {
    scene(async |scene| {
        let folder = tempfile::tempdir()?;
        for (edition, columns) in [("card.pdf", 4), ("card-large.pdf", 6)] {
            let sheet = scene.bo.http.get(&format!("/api/v1/keycards/{}/{edition}", scene.bo.keycard)).await?.expect(200)?;
            let file = folder.path().join(edition);
            std::fs::write(&file, &sheet.bytes)?;
            is_accessible(&file, "Nøglekortnummer").await?;
            let tree = said("pdfinfo", &["-struct-text"], &file).await;
            ensure!(tree.contains("H1") && tree.matches("Table").count() == columns, "{edition}: {tree}");
            ensure!(tree.matches("TD ").count() + tree.matches("TD\n").count() == 148, "{edition}: {tree}");
            // In reading order each number is followed by its key.
            let read = tree.split('"').skip(1).step_by(2).collect::<Vec<_>>().join(" ");
            let digits: Vec<&str> = read.split_whitespace().filter(|word| word.chars().all(|sign| sign.is_ascii_digit())).collect();
            for pair in digits.chunks(3) {
                let [number, left, right] = pair else { anyhow::bail!("{edition}: {pair:?}") };
                ensure!(scene.bo.card.key(number) == format!("{left}{right}"), "{edition}: {number}");
            }
            ensure!(digits.len() == 3 * 148, "{edition}: {} words", digits.len());
        }
        Ok(())
    });
}

#[test]
fn only_the_address_shows_in_the_window_and_a_card_lies_behind_it() {
    scene(async |scene| {
        let anne = &scene.bakery.administrator;
        anne.prove().await?;
        let path = format!("/api/v1/companies/{}/employees/{}/keycards", scene.bakery.id, scene.bo.employee);
        anne.http.post(&path, &json!({"lost": false})).await?.expect(201)?;
        scene.world.settle().await;
        for (subject, pages) in [("Din midlertidige adgangskode", 1), ("Dit nye nøglekort", 2)] {
            let file = letter(scene, subject)?;
            is_accessible(&file, subject).await?;
            let facts = said("pdfinfo", &[], &file).await;
            ensure!(facts.contains(&format!("Pages:           {pages}")), "{facts}");
            // The window of DIN 680, folded in thirds or in half: 20 to 110 mm from the left, 45 to 90 mm from the top, and 5 mm of play.
            let window = ["-r", "72", "-f", "1", "-l", "1", "-x", "42", "-y", "113", "-W", "284", "-H", "157", "-layout"];
            let seen = run("pdftotext", window.iter().map(Path::new).chain([file.as_path(), Path::new("-")])).await.words;
            let lines: Vec<&str> = seen.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            ensure!(lines.len() >= 3 && lines.len() <= 9 && lines[1] == "Bø Ærlig", "{lines:?}");
            ensure!(!seen.contains("nøgle") && !seen.contains("adgangskode") && !seen.contains("kl."), "more than the address: {seen}");
            let first = run("pdftotext", ["-f", "1", "-l", "1"].iter().map(Path::new).chain([file.as_path(), Path::new("-")])).await.words;
            let card = support::card::PrintedCard::read(&first);
            ensure!(card.pairs() == 0, "keys on the page that shows in the window");
            let tree = said("pdfinfo", &["-struct"], &file).await;
            ensure!(tree.contains("H1") && (pages == 1 || tree.contains("H2") && tree.contains("Table")), "{tree}");
        }
        Ok(())
    });
}
