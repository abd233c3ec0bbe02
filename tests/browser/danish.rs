//! The main job, told in Danish, by pages alone: a company is registered, agrees, appoints; an employee signs; anybody verifies.

use std::{path::Path, process::Command};

use anyhow::{Context as _, ensure};
use serde_json::json;

use crate::{
    driver::{Browser, Scripts},
    service::{Service, root},
};

/// What the new people choose.
const PASSWORD: &str = "Rugbroed-2026-sol";

/// Numbers and keys of a card, as its sheet in plain text says.
pub type Card = Vec<(String, String)>;

#[tokio::test]
async fn a_company_comes_to_sign_and_anybody_verifies() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let mut browser = Browser::open(&service.url, "da", "dansk", Scripts::Run).await?;
    let told = story(&service, &mut browser).await;
    if told.is_err() {
        browser.picture("failed").await?;
    }
    told.with_context(|| service.log().lines().rev().take(5).collect::<Vec<_>>().join("\n"))
}

async fn story(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    the_operator_registers(browser).await?;
    the_signatory_accepts(browser).await?;
    let card = the_administrator_activates(service, browser).await?;
    log_in(browser, "aase.oedegaard", &card, Some("administrator")).await?;
    the_administrator_invites(browser).await?;
    log_out(browser).await?;
    let card = the_employee_activates(browser).await?;
    log_in(browser, "joergen.naesby", &card, None).await?;
    let signed = the_employee_signs(service, browser, &card).await?;
    anybody_verifies(service, browser, &signed).await?;
    the_employee_revokes(browser, &card).await?;
    the_signature_still_holds(service, browser, &signed).await
}

async fn the_operator_registers(browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/").await?;
    browser.look("forside").await?;
    browser.click(".segl-demonstration a").await?;
    browser.says(&["Olga Operatør", "Havnens Bageri ApS", "Havnen-demo-2026"]).await?;
    browser.look("personer").await?;
    browser.click("main form:has([value=\"olga.operatoer\"]) button").await?;
    let shown = browser.content("#demo-key").await?;
    browser.fill("key", &shown).await?;
    browser.look("noegle").await?;
    browser.send("key").await?;
    browser.look("forside-operator").await?;
    browser.click("header a[href=\"/companies\"]").await?;
    browser.look("virksomheder").await?;
    browser.click("main a[href=\"/companies/new\"]").await?;
    browser.send("cvr").await?;
    browser.look("opret-mangler").await?;
    ensure!(browser.client.active_element().await?.attr("id").await?.as_deref() == Some("error-summary"), "the errors are not focused");
    browser.choose("kind", "company").await?;
    let typed = [
        ("legal_name", "Møllen ved Åen ApS"),
        ("cvr", "12345678"),
        ("street", "Mølleåvej 7"),
        ("postal_code", "4200"),
        ("city", "Slagelse"),
        ("signatories/0/name", "Mogens Møller"),
        ("signatories/0/email", "mogens@moellen.example"),
    ];
    for (name, text) in typed {
        browser.fill(name, text).await?;
    }
    browser.send("cvr").await?;
    ensure!(!browser.content("#cvr-error").await?.is_empty(), "a wrong CVR number has no fault");
    browser.look("opret-forkert-cvr").await?;
    browser.fill("cvr", "26912865").await?;
    browser.send("cvr").await?;
    browser.says(&["Møllen ved Åen ApS", "26912865", "Mogens Møller", "Venter på underskrifter"]).await?;
    browser.look("virksomhed").await?;
    browser.look_narrow("virksomhed").await?;
    log_out(browser).await
}

async fn the_signatory_accepts(browser: &mut Browser) -> anyhow::Result<()> {
    open_post(browser, "mogens@moellen.example", "Mail").await?;
    browser.look("mail-til-tegningsberettiget").await?;
    follow_mailed(browser, "/agreement/").await?;
    browser.says(&["Mogens Møller", "Møllen ved Åen ApS", "26912865"]).await?;
    browser.look("aftale").await?;
    browser.send("accept").await?;
    browser.look("aftale-mangler").await?;
    browser.fill("administrator/given_name", "Åse").await?;
    browser.fill("administrator/surname", "Ødegård").await?;
    browser.fill("administrator/email", "aase@moellen.example").await?;
    browser.choose("accept", "yes").await?;
    browser.send("accept").await?;
    browser.says(&["Tak", "Møllen ved Åen ApS er nu aktiv"]).await?;
    browser.look("aftale-godkendt").await
}

async fn the_administrator_activates(service: &Service, browser: &mut Browser) -> anyhow::Result<Card> {
    let code = letter(browser, "Åse Ødegård").await?;
    browser.look("brev").await?;
    open_post(browser, "aase@moellen.example", "Mail").await?;
    follow_mailed(browser, "/activate/").await?;
    browser.look("aktiver").await?;
    browser.fill("birth_date", "17-05-1980").await?;
    choose_password(browser, "FORKERT1", "aase.oedegaard").await?;
    let fault = browser.content("#temporary_password-error").await?;
    ensure!(fault.contains("adgangskode"), "the wrong code is told so: {fault}");
    browser.look("aktiver-forkert-kode").await?;
    browser.look_narrow("aktiver-forkert-kode").await?;
    choose_password(browser, &code, "aase.oedegaard").await?;
    browser.says(&["Din signatur er aktiv", "Nøglekort"]).await?;
    browser.look("noeglekort").await?;
    let card = read_card(&browser.download_linked("/card.txt").await?)?;
    ensure!(card.len() == 148, "{} keys", card.len());
    for sheet in ["/card.pdf", "/card-large.pdf"] {
        let pdf = service.keep("card.pdf", &browser.download_linked(sheet).await?)?;
        let printed = text_of(&pdf)?;
        let (number, key) = card.last().context("a last key")?;
        let digits: String = printed.chars().filter(char::is_ascii_digit).collect();
        ensure!(digits.contains(&format!("{number}{key}")), "{sheet} lacks {number} {key}:\n{printed}");
    }
    Ok(card)
}

async fn the_administrator_invites(browser: &mut Browser) -> anyhow::Result<()> {
    browser.look("forside-administrator").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    browser.says(&["Møllen ved Åen ApS", "Åse Ødegård", "Administrator"]).await?;
    browser.look("min-virksomhed").await?;
    browser.click("main a[href$=\"/employees/new\"]").await?;
    browser.send("surname").await?;
    browser.look("inviter-mangler").await?;
    browser.fill("given_name", "Jørgen").await?;
    browser.fill("surname", "Næsby").await?;
    browser.fill("email", "joergen@moellen.example").await?;
    browser.fill("birth_date", "17-05-1980").await?;
    browser.choose("email_in_certificate", "yes").await?;
    browser.choose("vouched", "by_letter").await?;
    browser.look("inviter").await?;
    browser.send("surname").await?;
    browser.says(&["Jørgen Næsby", "Inviteret"]).await?;
    browser.look("medarbejder-inviteret").await
}

async fn the_employee_activates(browser: &mut Browser) -> anyhow::Result<Card> {
    let code = letter(browser, "Jørgen Næsby").await?;
    open_post(browser, "joergen@moellen.example", "Mail").await?;
    follow_mailed(browser, "/activate/").await?;
    choose_password(browser, &code, "joergen.naesby").await?;
    read_card(&browser.download_linked("/card.txt").await?)
}

async fn the_employee_signs(service: &Service, browser: &mut Browser, card: &Card) -> anyhow::Result<Vec<u8>> {
    browser.click("header a[href=\"/account\"]").await?;
    browser.look("min-signatur").await?;
    browser.look_narrow("min-signatur").await?;
    browser.click("header a[href=\"/documents\"]").await?;
    browser.look("dokumenter-ingen").await?;
    browser.fill("file", &fixture("libreoffice.pdf").display().to_string()).await?;
    browser.fill("title", "Samarbejdsaftale").await?;
    browser.send("file").await?;
    browser.says(&["Samarbejdsaftale", "Ikke underskrevet"]).await?;
    let script = "const image = document.querySelector('.segl-page'); image.scrollIntoView();
        const done = arguments[0]; image.decode().then(() => done(image.naturalWidth)).catch(error => done(String(error)));";
    let width = browser.client.execute_async(script, vec![]).await?;
    ensure!(width.as_i64().is_some_and(|width| width > 300), "the picture of the page is {width} wide");
    browser.look("dokument").await?;
    browser.look_narrow("dokument").await?;
    browser.fill("place", "Korsør").await?;
    browser.send("place").await?;
    let label = browser.content("label[for=\"key\"]").await?;
    let (_, key) = card.iter().find(|(number, _)| label.contains(&format!("nr. {number} "))).context(label)?;
    browser.fill("password", "helt-forkert-1").await?;
    browser.fill("key", key).await?;
    browser.look("underskriv").await?;
    browser.send("key").await?;
    browser.look("underskriv-forkert").await?;
    browser.fill("password", PASSWORD).await?;
    let label = browser.content("label[for=\"key\"]").await?;
    let (_, key) = card.iter().find(|(number, _)| label.contains(&format!("nr. {number} "))).context(label)?;
    browser.fill("key", key).await?;
    browser.send("key").await?;
    browser.says(&["Underskriften er gyldig", "Jørgen Næsby", "Korsør"]).await?;
    browser.look("underskrevet").await?;
    let signed = browser.download_linked("/content").await?;
    let original = std::fs::read(fixture("libreoffice.pdf"))?;
    ensure!(signed.starts_with(&original) && signed.len() > original.len(), "the signature is not appended");
    let seen = Command::new("pdfsig").arg("-nocert").arg(service.keep("signed.pdf", &signed)?).output()?;
    let seen = String::from_utf8_lossy(&seen.stdout).into_owned();
    ensure!(seen.contains("Signature is Valid"), "pdfsig says {seen}");
    Ok(signed)
}

async fn anybody_verifies(service: &Service, browser: &mut Browser, signed: &[u8]) -> anyhow::Result<()> {
    log_out(browser).await?;
    browser.go("/verify").await?;
    browser.look("kontroller").await?;
    drop_file(browser, signed).await?;
    browser.send("file").await?;
    let (time, unchanged) = ("Underskrevet senest (tidsstempel)", "Nej, dokumentet er uændret");
    browser.says(&["Underskriften er gyldig", "aftale.pdf", "Jørgen Næsby", "Møllen ved Åen ApS", "26912865", time, unchanged]).await?;
    browser.look("kontrolleret").await?;
    browser.look_narrow("kontrolleret").await?;
    let mut tampered = signed.to_vec();
    tampered[200] ^= 1;
    verify(browser, &service.keep("aendret.pdf", &tampered)?).await?;
    browser.says(&["Underskriften er ikke gyldig"]).await?;
    browser.look("kontrolleret-aendret").await?;
    verify(browser, &fixture("libreoffice.pdf")).await?;
    browser.says(&["Dokumentet er ikke underskrevet"]).await?;
    browser.look("kontrolleret-uden").await?;
    verify(browser, &fixture("signed-by-pyhanko.pdf")).await?;
    browser.look("kontrolleret-fremmed").await
}

async fn the_employee_revokes(browser: &mut Browser, card: &Card) -> anyhow::Result<()> {
    log_in(browser, "joergen.naesby", card, None).await?;
    browser.click("header a[href=\"/certificates\"]").await?;
    browser.says(&["Underskrive dokumenter", "Signere mail", "Gyldigt"]).await?;
    browser.look("certifikater").await?;
    let script = "return [...document.querySelectorAll('main tbody tr')].find(row => row.textContent.includes('Underskrive')).querySelector('a').getAttribute('href');";
    let href = browser.run(script, vec![]).await?;
    browser.click(&format!("main a[href=\"{}\"]", href.as_str().context("a link")?)).await?;
    browser.look("certifikat").await?;
    browser.send("reason").await?;
    browser.look("certifikat-uden-aarsag").await?;
    browser.choose("reason", "keyCompromise").await?;
    browser.send("reason").await?;
    browser.look("spaer").await?;
    browser.send("reason").await?;
    browser.says(&["Spærret", "Andre kan have fået adgang til nøglen"]).await?;
    browser.look("spaerret").await?;
    log_out(browser).await?;
    open_post(browser, "joergen@moellen.example", "Mail").await?;
    browser.look("mail-til-medarbejder").await
}

async fn the_signature_still_holds(service: &Service, browser: &mut Browser, signed: &[u8]) -> anyhow::Result<()> {
    verify(browser, &service.keep("signed.pdf", signed)?).await?;
    browser.says(&["Underskriften er gyldig", "før certifikatet blev spærret", "Certifikatet er spærret"]).await?;
    browser.look("kontrolleret-spaerret").await
}

// --- what persons do again and again ---------------------------------------------------------------------------------------------------

pub fn fixture(name: &str) -> std::path::PathBuf {
    root().join("tests/fixtures/pdf").join(name)
}

fn text_of(pdf: &Path) -> anyhow::Result<String> {
    let output = Command::new("pdftotext").args(["-layout"]).arg(pdf).arg("-").output().context("pdftotext: run ./dev tools")?;
    ensure!(output.status.success(), "pdftotext: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Opens the newest mail or letter to somebody, as soon as it is there.
pub async fn open_post(browser: &Browser, to: &str, kind: &str) -> anyhow::Result<()> {
    let script = "const row = [...document.querySelectorAll('main tbody tr')].find(row => row.textContent.includes(arguments[0])
        && [...row.cells].some(cell => cell.textContent.trim() === arguments[1])); return row ? row.querySelector('a').getAttribute('href') : null;";
    let href = browser.wait_on("/demo/mail", script, vec![json!(to), json!(kind)]).await?;
    browser.click(&format!("main a[href=\"{}\"]", href.as_str().context("a link")?)).await
}

/// Follows the link in the open mail.
async fn follow_mailed(browser: &Browser, path: &str) -> anyhow::Result<()> {
    browser.click(&format!(".segl-mail a[href*=\"{path}\"]")).await
}

/// The temporary password in somebody's newest letter: the one word on an indented line.
pub async fn letter(browser: &Browser, name: &str) -> anyhow::Result<String> {
    open_post(browser, name, "Brev").await?;
    let text = browser.content(".segl-mail").await?;
    let word = text.lines().filter_map(|line| line.strip_prefix("    ")).find(|rest| !rest.is_empty() && !rest.contains(' '));
    word.map(str::to_owned).with_context(|| format!("no temporary password in the letter:\n{text}"))
}

async fn choose_password(browser: &Browser, code: &str, user_id: &str) -> anyhow::Result<()> {
    for (name, text) in [("temporary_password", code), ("user_id", user_id), ("password", PASSWORD), ("password_again", PASSWORD)] {
        browser.fill(name, text).await?;
    }
    browser.send("user_id").await
}

/// Number and key of each pair on the sheet in plain text.
///
/// # Errors
/// When there are none.
pub fn read_card(bytes: &[u8]) -> anyhow::Result<Card> {
    let text = std::str::from_utf8(bytes)?;
    let runs: Vec<&str> = text.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    let mut card = Card::new();
    let mut rest = runs.as_slice();
    while let [number, more @ ..] = rest {
        rest = match more {
            [first, second, after @ ..] if number.len() == 4 && first.len() == 3 && second.len() == 3 => {
                card.push(((*number).to_owned(), format!("{first}{second}")));
                after
            }
            [key, after @ ..] if number.len() == 4 && key.len() == 6 => {
                card.push(((*number).to_owned(), (*key).to_owned()));
                after
            }
            after => after,
        };
    }
    ensure!(!card.is_empty(), "no keys in {text}");
    Ok(card)
}

async fn log_in(browser: &mut Browser, user_id: &str, card: &Card, look: Option<&str>) -> anyhow::Result<()> {
    browser.go("/login").await?;
    browser.fill("user_id", user_id).await?;
    browser.fill("password", PASSWORD).await?;
    if let Some(name) = look {
        browser.look(&format!("log-paa-{name}")).await?;
    }
    browser.send("user_id").await?;
    let number = browser.content("#key-number").await?;
    let (_, key) = card.iter().find(|(known, _)| *known == number.trim()).with_context(|| format!("{number} is not on the card"))?;
    browser.fill("key", key).await?;
    browser.send("key").await?;
    ensure!(browser.content("header .user").await?.contains("Logget på som"), "{user_id} is not logged in");
    Ok(())
}

pub async fn log_out(browser: &Browser) -> anyhow::Result<()> {
    browser.click("header form[action=\"/logout\"] button").await?;
    browser.find("header a[href=\"/login\"], main form[action=\"/login\"]").await.map(drop)
}

async fn verify(browser: &Browser, file: &Path) -> anyhow::Result<()> {
    browser.go("/verify").await?;
    browser.fill("file", &file.display().to_string()).await?;
    browser.send("file").await
}

/// Drags a file onto the page's area for one, as from a desktop.
async fn drop_file(browser: &Browser, bytes: &[u8]) -> anyhow::Result<()> {
    use base64::Engine as _;
    let script = "const bytes = Uint8Array.from(atob(arguments[0]), letter => letter.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], 'aftale.pdf', {type: 'application/pdf'}));
        const area = document.querySelector('[data-drop]');
        for (const kind of ['dragenter', 'dragover', 'drop']) area.dispatchEvent(new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true}));
        return document.querySelector('main input[type=file]').files.length;";
    let taken = browser.run(script, vec![json!(base64::engine::general_purpose::STANDARD.encode(bytes))]).await?;
    ensure!(taken == 1, "the dropped file was not taken: {taken}");
    Ok(())
}
