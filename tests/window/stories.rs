//! What an employee does with the phone.

use anyhow::ensure;
use serde_json::json;
use support::{papers::fixture, peers::readers::judged, world::EngineKind};

use crate::{
    driver::Window,
    service::{House, PIN, told},
};

/// Tells one story on both engines.
macro_rules! story {
    ($name:ident) => {
        mod $name {
            use super::*;

            #[test]
            fn on_sqlite() {
                told(EngineKind::Sqlite, concat!(stringify!($name), "-sqlite"), super::$name);
            }

            #[test]
            fn on_postgres() {
                told(EngineKind::Postgres, concat!(stringify!($name), "-postgres"), super::$name);
            }
        }
    };
}

story!(a_login_is_approved_with_the_right_number_and_no_other);
story!(not_me_ends_the_login_and_the_service_keeps_it);
story!(a_document_is_signed_as_pdfsig_and_pyhanko_judge);
story!(a_person_moves_to_a_second_phone_and_the_first_one_ends);
story!(a_new_phone_is_told_of_and_blocked_from_the_first);
story!(an_offline_code_logs_in_without_the_phones_network);
story!(a_decision_that_the_network_lost_arrives_once_when_the_service_is_back);
story!(closed_and_opened_again_it_is_locked_and_the_service_counts_pins);
story!(the_phone_is_renamed_and_a_changed_pin_alone_opens_it);

async fn a_login_is_approved_with_the_right_number_and_no_other(house: &mut House, window: Window) -> anyhow::Result<()> {
    house.pair(&window).await?;
    let begun = house.person.begin_by_phone().await?;
    window.press("Log på");
    window.says("127.0.0.0/24");
    window.says(&house.person.user_id);
    window.picture("request");
    window.fill("Tallet fra den anden skærm", &begun.wrong_number());
    window.press("Godkend");
    window.says("Tallet er ikke det på den anden skærm. Du har 2 forsøg tilbage.");
    ensure!(house.person.phone_state(&begun).await? == "waiting");
    house.person.finish_by_phone(&begun).await?.refused(409, "conflict")?;
    window.fill("Tallet fra den anden skærm", &begun.number);
    window.press("Godkend");
    window.says("Godkendt");
    let opened = house.person.finish_by_phone(&begun).await?.expect(201)?;
    let session = house.person.http.with_token(&opened.string("/token"));
    ensure!(session.get("/api/v1/session").await?.expect(200)?.string("/name") == "Anne Ådal");
    window.press("Til forsiden");
    window.press("Historik");
    window.says("Log på");
    window.says("Godkendt");
    window.picture("history");
    Ok(())
}

async fn not_me_ends_the_login_and_the_service_keeps_it(house: &mut House, window: Window) -> anyhow::Result<()> {
    house.pair(&window).await?;
    let begun = house.person.begin_by_phone().await?;
    window.press("Log på");
    window.press("Det var ikke mig");
    window.press("Ja, det var ikke mig");
    window.says("Meldt: det var ikke dig.");
    ensure!(house.person.phone_state(&begun).await? == "not-me");
    house.person.finish_by_phone(&begun).await?.refused(410, "gone")?;
    window.press("Til forsiden");
    window.press("Historik");
    window.says("Det var ikke mig");
    Ok(())
}

async fn a_document_is_signed_as_pdfsig_and_pyhanko_judge(house: &mut House, window: Window) -> anyhow::Result<()> {
    house.pair(&window).await?;
    let original = fixture("cairo");
    let document = house.person.upload("Lejekontrakt", &original).await?;
    let asked = house.person.ask_phone_to_sign(&document).await?;
    window.press("Lejekontrakt");
    window.says("Underskriv");
    window.says("Anne Ådal");
    window.says("Havnens Bageri ApS");
    window.says("Sider: 2");
    let digest = hex::encode(openssl::sha::sha256(&original));
    let groups: Vec<&str> = (0..digest.len()).step_by(4).map(|at| &digest[at..at + 4]).collect();
    window.says(&groups.join(" "));
    window.picture("document");
    window.fill("Tallet fra den anden skærm", &asked.number);
    window.press("Godkend");
    window.says("Godkendt");
    ensure!(house.person.signing_ends(&asked).await? == "signed");
    let signed = house.person.content(&document).await?;
    ensure!(signed.starts_with(&original), "the bytes that were shown are not those that were signed");
    judged(&house.world().await, &signed, "Anne Ådal").await
}

async fn a_person_moves_to_a_second_phone_and_the_first_one_ends(house: &mut House, window: Window) -> anyhow::Result<()> {
    let old = house.pair(&window).await?;
    house.person.prove().await?;
    let invited = house.person.http.post(&format!("/api/v1/phones/{old}/move"), &serde_json::Value::Null).await?.expect(201)?;
    let second = Window::open("second", tempfile::tempdir()?);
    house.claim(&second, &invited, "Annes nye telefon").await?;
    let asked = house.person.ask_about_phone(&invited.string("/id")).await?;
    window.press("Flyt til en ny telefon");
    window.says("Annes nye telefon");
    window.picture("move");
    window.fill("Tallet fra den anden skærm", &asked.number);
    window.press("Godkend");
    window.says("Godkendt");
    house.person.confirm_by_phone(&invited.string("/id"), &asked).await?.expect(200)?;
    second.says("Dine signaturer");
    window.press("Til forsiden");
    window.press("Se efter igen");
    window.says("Tjenesten afviser telefonen (401)");
    let begun = house.person.begin_by_phone().await?;
    second.press("Log på");
    second.fill("Tallet fra den anden skærm", &begun.number);
    second.press("Godkend");
    second.says("Godkendt");
    house.person.finish_by_phone(&begun).await?.expect(201)?;
    Ok(())
}

async fn a_new_phone_is_told_of_and_blocked_from_the_first(house: &mut House, window: Window) -> anyhow::Result<()> {
    house.pair(&window).await?;
    // The phones of the first look are no news: this one has been.
    window.press("Telefoner: Havnens Bageri ApS");
    window.says("Det er denne telefon.");
    window.press("Tilbage");
    let lost = house.person.pair_phone("Den tabte").await?;
    window.says("Den tabte blev tilknyttet hos Havnens Bageri ApS");
    window.picture("news");
    window.press("Se dine telefoner");
    window.says("Det er denne telefon.");
    lost.http.post("/api/v1/phone/share/nonce", &serde_json::Value::Null).await?.expect(200)?;
    window.press("Spær telefonen");
    window.press("Ja, spær den");
    window.says("Den tabte er spærret.");
    window.picture("blocked");
    lost.http.post("/api/v1/phone/share/nonce", &serde_json::Value::Null).await?.expect(401)?;
    Ok(())
}

/// The code on the offline screen. It may change in the moment in which it is read, and the PIN is kept nowhere: then once more.
fn code_of(window: &Window) -> String {
    loop {
        window.fill("PIN-kode", PIN);
        window.press("Vis koden");
        window.says("Skifter om");
        let digits = window.run("return document.querySelector('.digits')?.textContent ?? ''", &json!([]));
        let code: String = digits.as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        if !code.is_empty() {
            return code;
        }
    }
}

async fn an_offline_code_logs_in_without_the_phones_network(house: &mut House, window: Window) -> anyhow::Result<()> {
    house.pair(&window).await?;
    house.kill();
    // The news moves the buttons down: a press that meets it misses.
    window.says("Tjenesten kan ikke nås");
    window.press("Lås appen");
    window.says("Appen er låst");
    window.press("Kode uden net");
    let code = code_of(&window);
    ensure!(code.len() == 6, "{code}");
    house.serve().await?;
    let begun = house.person.begin_by_phone().await?;
    let http = house.person.http.without_token();
    let answer = |code: &str| json!({"login": begun.login, "code": code, "carrier": "program"});
    let wrong = code.strip_prefix('0').map_or_else(|| format!("0{}", &code[1..]), |rest| format!("1{rest}"));
    ensure!(http.post("/api/v1/logins/answer", &answer(&wrong)).await?.status != 201, "any code logs in");
    http.post("/api/v1/logins/answer", &answer(&code)).await?.expect(201)?;
    let again = house.person.begin_by_phone().await?;
    let twice = json!({"login": again.login, "code": code, "carrier": "program"});
    ensure!(http.post("/api/v1/logins/answer", &twice).await?.status != 201, "a code logs in twice");
    Ok(())
}

async fn a_decision_that_the_network_lost_arrives_once_when_the_service_is_back(house: &mut House, window: Window) -> anyhow::Result<()> {
    house.pair(&window).await?;
    let begun = house.person.begin_by_phone().await?;
    window.press("Log på");
    window.fill("Tallet fra den anden skærm", &begun.number);
    house.kill();
    window.press("Godkend");
    window.says("Dit svar er givet, men ikke nået frem.");
    window.picture("underway");
    // Killed between the making and the sending of the decision, the app knows it when it is opened again.
    let window = window.again();
    window.says("Appen er låst");
    window.fill("PIN-kode", PIN);
    window.press("Lås op");
    window.says("Tjenesten kan ikke nås.");
    house.serve().await?;
    window.fill("PIN-kode", PIN);
    window.press("Lås op");
    let state = async || Ok(Some(house.person.phone_state(&begun).await?).filter(|state| state == "approved"));
    house.until("the decision", state).await?;
    house.person.finish_by_phone(&begun).await?.expect(201)?;
    window.says("Intet venter.");
    Ok(())
}

async fn closed_and_opened_again_it_is_locked_and_the_service_counts_pins(house: &mut House, window: Window) -> anyhow::Result<()> {
    house.pair(&window).await?;
    let begun = house.person.begin_by_phone().await?;
    let window = window.again();
    window.says("Appen er låst");
    ensure!(!window.text().contains("Log på"), "a locked app shows what waits");
    window.fill("PIN-kode", "1357");
    window.press("Lås op");
    window.says("PIN-koden er forkert. Du har 4 forsøg tilbage.");
    window.fill("PIN-kode", PIN);
    window.press("Lås op");
    window.press("Log på");
    window.press("Sig nej");
    window.says("Du sagde nej.");
    house.person.finish_by_phone(&begun).await?.refused(410, "gone")?;
    window.press("Til forsiden");
    window.press("Lås appen");
    window.says("Appen er låst");
    Ok(())
}

async fn the_phone_is_renamed_and_a_changed_pin_alone_opens_it(house: &mut House, window: Window) -> anyhow::Result<()> {
    const NEW: &str = "31415";
    let id = house.pair(&window).await?;
    window.press("Indstillinger");
    window.fill("Navn på denne telefon", "Annes arbejdstelefon");
    window.press("Gem");
    window.says("Gemt.");
    let listed = house.person.http.get("/api/v1/phones").await?.expect(200)?.items();
    ensure!(listed.len() == 1 && listed[0]["id"] == *id && listed[0]["name"] == "Annes arbejdstelefon", "{listed:?}");
    let change = |old: &str| {
        window.fill("Nuværende PIN-kode", old);
        window.fill("Ny PIN-kode", NEW);
        window.fill("Ny PIN-kode igen", NEW);
        window.press_in("form:has(h3)", "Gem");
    };
    change("1357");
    window.says("PIN-koden er forkert. Du har 4 forsøg tilbage.");
    change(PIN);
    window.says("Gemt.");
    window.picture("settings");
    window.press("Tilbage");
    window.press("Lås appen");
    window.says("Appen er låst");
    // The service counts: neither the window's memory nor the old file opens.
    let window = window.again();
    window.says("Appen er låst");
    window.fill("PIN-kode", PIN);
    window.press("Lås op");
    window.says("PIN-koden er forkert. Du har 4 forsøg tilbage.");
    window.fill("PIN-kode", NEW);
    window.press("Lås op");
    window.says("Historik");
    let begun = house.person.begin_by_phone().await?;
    window.press("Log på");
    window.fill("Tallet fra den anden skærm", &begun.number);
    window.press("Godkend");
    window.says("Godkendt");
    house.person.finish_by_phone(&begun).await?.expect(201).map(drop)
}
