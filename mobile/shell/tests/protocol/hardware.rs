//! A phone whose keys rest in hardware: no PIN, no share, and codes without network all the same. The hardware is the one side that cannot be
//! here: a stand-in keeps the keys and asks the person.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use keycard::oath::{Code, Kind, STEP_MS, matched_step};
use keycard::{
    CreatedKey, DeviceKey, DeviceKeyError, KeptOffline, PhoneId, PhoneKeys, Protection, PublicKey, SharedSecret, Signature, UserAuth,
};
use p256::ecdsa::signature::Signer as _;
use rand_core::OsRng;
use segl_phone::kept::Kept;
use segl_phone::keys::{Hardware, Rest};
use support::service::public;

use super::*;

/// What the person does when the system asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    BreaksOff,
    /// Signs, and breaks off when asked to agree.
    BreaksOffAgreeing,
    /// The system has made the keys useless: new fingers on an iPhone, no screen lock any more on Android.
    Gone,
    Nods,
}

/// What was asked for by a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prompt {
    Agree,
    Sign,
}

struct Pair {
    sign: p256::SecretKey,
    agree: p256::SecretKey,
}

/// The hardware of one phone: it outlives the program.
struct Chip {
    pairs: Mutex<BTreeMap<PhoneId, Pair>>,
    prompts: Mutex<Vec<Prompt>>,
    answers: Mutex<Answers>,
    /// What happens while the person looks at the next prompt.
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// The system does not answer when keys are to be destroyed.
    keeps: AtomicBool,
}

impl Chip {
    fn prompts(&self) -> Vec<Prompt> {
        std::mem::take(&mut self.prompts.lock().unwrap())
    }

    fn answer(&self, answers: Answers) {
        *self.answers.lock().unwrap() = answers;
    }
}

struct InChip {
    chip: Arc<Chip>,
    phone: PhoneId,
}

struct Made(Arc<Chip>);

impl Hardware for Made {
    fn keys(&self, phone: PhoneId) -> Box<dyn DeviceKey> {
        Box::new(InChip { chip: Arc::clone(&self.0), phone })
    }
}

impl InChip {
    /// One prompt for one use, as the real ones have it; keys that are opened beforehand, or by a PIN, are not of this kind.
    fn using<T>(&self, prompt: Prompt, auth: UserAuth<'_>, used: impl FnOnce(&Pair) -> T) -> Result<T, DeviceKeyError> {
        let UserAuth::Prompt { .. } = auth else { return Err(DeviceKeyError::NotAvailable) };
        self.chip.prompts.lock().unwrap().push(prompt);
        if let Some(happens) = self.chip.meanwhile.lock().unwrap().take() {
            happens();
        }
        match *self.chip.answers.lock().unwrap() {
            Answers::BreaksOff => return Err(DeviceKeyError::Cancelled),
            Answers::BreaksOffAgreeing if prompt == Prompt::Agree => return Err(DeviceKeyError::Cancelled),
            Answers::Gone => return Err(DeviceKeyError::Gone),
            Answers::BreaksOffAgreeing | Answers::Nods => {}
        }
        self.chip.pairs.lock().unwrap().get(&self.phone).map(used).ok_or(DeviceKeyError::Gone)
    }
}

impl DeviceKey for InChip {
    fn create(&mut self, _label: &str, _challenge: &[u8], _auth: UserAuth<'_>) -> Result<CreatedKey, DeviceKeyError> {
        let pair = Pair { sign: p256::SecretKey::random(&mut OsRng), agree: p256::SecretKey::random(&mut OsRng) };
        let public_key = PhoneKeys { sign: public(&pair.sign), agree: public(&pair.agree) };
        self.chip.pairs.lock().unwrap().insert(self.phone, pair);
        Ok(CreatedKey { public_key, attestation: None })
    }

    fn public_key(&self) -> Result<PhoneKeys, DeviceKeyError> {
        let pairs = self.chip.pairs.lock().unwrap();
        let pair = pairs.get(&self.phone).ok_or(DeviceKeyError::Gone)?;
        Ok(PhoneKeys { sign: public(&pair.sign), agree: public(&pair.agree) })
    }

    fn sign(&self, message: &[u8], auth: UserAuth<'_>) -> Result<Signature, DeviceKeyError> {
        self.using(Prompt::Sign, auth, |pair| {
            let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(&pair.sign).sign(message);
            Signature::from_der("signature", signature.to_der().as_bytes()).unwrap()
        })
    }

    fn agree(&self, peer: &PublicKey, auth: UserAuth<'_>) -> Result<SharedSecret, DeviceKeyError> {
        let peer = p256::PublicKey::from_sec1_bytes(peer.sec1()).unwrap();
        self.using(Prompt::Agree, auth, |pair| {
            let shared = p256::ecdh::diffie_hellman(pair.agree.to_nonzero_scalar(), peer.as_affine());
            SharedSecret::new((*shared.raw_secret_bytes()).into())
        })
    }

    fn destroy(&mut self) -> Result<(), DeviceKeyError> {
        if self.chip.keeps.load(Ordering::SeqCst) {
            return Err(DeviceKeyError::NotAvailable);
        }
        self.chip.pairs.lock().unwrap().remove(&self.phone);
        Ok(())
    }

    fn protection(&self) -> Protection {
        Protection::Tee
    }
}

struct Telephone {
    peer: Peer,
    chip: Arc<Chip>,
    folder: tempfile::TempDir,
    app: App,
    id: String,
}

fn rest(chip: &Arc<Chip>) -> Rest {
    Rest::Hardware(Arc::new(Made(Arc::clone(chip))))
}

fn chip() -> Arc<Chip> {
    let answers = Mutex::new(Answers::Nods);
    Arc::new(Chip {
        pairs: Mutex::default(),
        prompts: Mutex::default(),
        answers,
        meanwhile: Mutex::default(),
        keeps: AtomicBool::new(false),
    })
}

/// Paired by QR, without a PIN, and locked.
fn telephone() -> Telephone {
    let (peer, folder, chip) = (Peer::start(), tempfile::tempdir().unwrap(), chip());
    let app = App::open(folder.path(), rest(&chip)).unwrap();
    let invitation = peer.service.lock().unwrap().invite();
    app.begin(&typed(&invitation, &peer)).unwrap();
    app.claim("Annes telefon", None).unwrap();
    peer.service.lock().unwrap().pairing.as_mut().unwrap().confirmed = Some(true);
    assert_eq!(app.standing().unwrap(), Standing::Paired);
    let id = app.view().unwrap().signatures.remove(0).id;
    chip.prompts();
    Telephone { peer, chip, folder, app, id }
}

impl Telephone {
    fn service(&self) -> std::sync::MutexGuard<'_, Service> {
        self.peer.service.lock().unwrap()
    }

    fn unlock(&self) -> Result<(), AppError> {
        self.app.signature(&self.id)?.lock().unwrap().unlock(self.app.turn(), None)
    }

    fn code(&self, now_ms: u64) -> Result<String, AppError> {
        let signature = self.app.signature(&self.id)?;
        let shown = signature.lock().unwrap().offline_code(None, || now_ms)?;
        Ok(shown.code)
    }

    /// The secret that the service takes codes by.
    fn secret(&self) -> Option<Secret> {
        self.service().phone.as_ref().unwrap().offline.clone()
    }

    fn kept_at(&self) -> PathBuf {
        self.folder.path().join("phones").join(&self.id).join("pairing.json")
    }

    fn kept(&self) -> Kept {
        serde_json::from_slice(&std::fs::read(self.kept_at()).unwrap()).unwrap()
    }

    /// The program ends and is started again, on the same phone.
    fn again(self) -> Self {
        let Self { peer, chip, folder, id, app } = self;
        drop(app);
        let app = App::open(folder.path(), rest(&chip)).unwrap();
        Self { peer, chip, folder, app, id }
    }
}

const NOW_MS: u64 = 1_795_750_000_000;

#[test]
fn keys_in_hardware_are_paired_without_a_pin_and_no_share_is_ever_asked_for() {
    let telephone = telephone();
    let view = telephone.app.view().unwrap();
    assert!(view.hardware && !view.signatures[0].pin && !view.signatures[0].offline);
    assert_eq!(view.signatures[0].protection, "tee");
    assert!(telephone.service().phone.as_ref().unwrap().claim.pin_key.is_none());
    telephone.unlock().unwrap();
    let id = telephone.service().ask("07", None);
    let signature = telephone.app.signature(&telephone.id).unwrap();
    let shown = signature.lock().unwrap().request(id).unwrap().shown;
    assert_eq!(signature.lock().unwrap().decide(id, &shown, &approve("07")).unwrap(), Decided::Taken);
    let refused = signature.lock().unwrap().change_pin(telephone.app.turn(), &pin("2718"), pin("31415"));
    assert_eq!(refused.unwrap_err(), AppError::NoPin);
    assert!(telephone.service().asked.iter().all(|asked| asked != "POST share" && asked != "POST pin"));
    assert!(!telephone.kept_at().with_file_name("keys").exists());
}

#[test]
fn a_code_of_keys_in_hardware_needs_no_service_and_the_system_asks_for_each() {
    let telephone = telephone();
    assert_eq!(telephone.code(NOW_MS).unwrap_err(), AppError::NoOffline);
    telephone.unlock().unwrap();
    assert_eq!(telephone.chip.prompts(), [Prompt::Sign], "the secret is asked for by a signature");
    telephone.service().mood = Mood::Away;
    let secret = telephone.secret().unwrap();
    for step in [0, 1, 7] {
        let now_ms = NOW_MS + step * STEP_MS;
        let code = telephone.code(now_ms).unwrap();
        assert_eq!(matched_step(Kind::PHONE, secret.expose(), &code, now_ms, None), Some(now_ms / STEP_MS));
        assert_eq!(telephone.chip.prompts(), [Prompt::Agree], "each code is asked for anew");
    }
    // Locked, and after a start, too: the system asks, not the app.
    telephone.app.lock();
    telephone.code(NOW_MS).unwrap();
    let telephone = telephone.again();
    assert!(telephone.app.view().unwrap().signatures[0].offline && !telephone.app.view().unwrap().signatures[0].unlocked);
    assert_eq!(telephone.code(NOW_MS).unwrap(), Code::at_time(Kind::PHONE, secret.expose(), NOW_MS).unwrap().expose());
    // Nothing is fetched again.
    telephone.service().mood = Mood::Fair;
    telephone.chip.prompts();
    telephone.unlock().unwrap();
    assert!(telephone.chip.prompts().is_empty() && telephone.secret().unwrap().is(&secret));
}

#[test]
fn the_code_is_that_of_the_moment_in_which_the_person_has_answered() {
    let telephone = telephone();
    telephone.unlock().unwrap();
    telephone.chip.prompts();
    let signature = telephone.app.signature(&telephone.id).unwrap();
    let shown = signature.lock().unwrap().offline_code(None, || {
        assert_eq!(telephone.chip.prompts(), [Prompt::Agree], "the clock is looked at after the prompt");
        NOW_MS + 29_000
    });
    assert_eq!(shown.unwrap().left_ms, STEP_MS - (NOW_MS + 29_000) % STEP_MS);
}

#[test]
fn who_copies_the_disk_has_no_code_and_nothing_to_try_pins_against() {
    let telephone = telephone();
    telephone.unlock().unwrap();
    let secret = telephone.secret().unwrap();
    let bytes = std::fs::read(telephone.kept_at()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let hex: String = secret.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    for form in [URL_SAFE_NO_PAD.encode(secret.expose()), STANDARD.encode(secret.expose()), hex] {
        assert!(!text.contains(&form), "the secret lies in the open");
    }
    let copied = tempfile::tempdir().unwrap();
    copy(telephone.folder.path(), copied.path());
    let other = chip();
    let app = App::open(copied.path(), rest(&other)).unwrap();
    let code = |app: &App| app.signature(&telephone.id).unwrap().lock().unwrap().offline_code(None, || NOW_MS).map(|shown| shown.code);
    assert_eq!(code(&app).unwrap_err(), AppError::Gone, "another phone has no such key");
    // And one that has made keys for the same pairing has others.
    other.pairs.lock().unwrap().insert(
        telephone.id.parse().unwrap(),
        Pair { sign: p256::SecretKey::random(&mut OsRng), agree: p256::SecretKey::random(&mut OsRng) },
    );
    assert_eq!(code(&app).unwrap_err(), AppError::NoOffline);
}

#[test]
fn who_breaks_off_sees_no_code_and_keys_that_the_system_ended_show_none() {
    let telephone = telephone();
    telephone.unlock().unwrap();
    telephone.chip.answer(Answers::BreaksOff);
    assert_eq!(telephone.code(NOW_MS).unwrap_err(), AppError::Locked);
    telephone.chip.answer(Answers::Gone);
    assert_eq!(telephone.code(NOW_MS).unwrap_err(), AppError::Gone);
    telephone.chip.answer(Answers::Nods);
    telephone.code(NOW_MS).unwrap();
}

#[test]
fn who_breaks_off_at_the_first_unlocking_is_let_in_and_asked_at_the_next() {
    let telephone = telephone();
    telephone.chip.answer(Answers::BreaksOff);
    telephone.unlock().unwrap();
    assert!(telephone.secret().is_none() && telephone.app.view().unwrap().signatures[0].unlocked);
    assert_eq!(telephone.code(NOW_MS).unwrap_err(), AppError::NoOffline);
    telephone.app.lock();
    telephone.chip.answer(Answers::Nods);
    telephone.unlock().unwrap();
    assert!(telephone.secret().is_some() && telephone.code(NOW_MS).is_ok());
}

#[test]
fn a_kept_secret_that_does_not_open_is_fetched_anew() {
    let telephone = telephone();
    telephone.unlock().unwrap();
    let first = telephone.secret().unwrap();
    let mut kept = telephone.kept();
    let foreign = public(&p256::SecretKey::random(&mut OsRng));
    kept.kept_offline = Some(KeptOffline::seal(&foreign, kept.phone, &Secret::new([1; 32]), &mut OsRng));
    std::fs::write(telephone.kept_at(), serde_json::to_vec(&kept).unwrap()).unwrap();
    let telephone = telephone.again();
    assert_eq!(telephone.code(NOW_MS).unwrap_err(), AppError::NoOffline);
    assert!(!telephone.app.view().unwrap().signatures[0].offline);
    telephone.unlock().unwrap();
    let second = telephone.secret().unwrap();
    assert!(!second.is(&first));
    assert_eq!(telephone.code(NOW_MS).unwrap(), Code::at_time(Kind::PHONE, second.expose(), NOW_MS).unwrap().expose());
}

#[test]
fn a_pairing_from_before_there_were_such_codes_gets_them_at_the_next_unlocking() {
    let telephone = telephone();
    let mut kept: serde_json::Value = serde_json::from_slice(&std::fs::read(telephone.kept_at()).unwrap()).unwrap();
    kept.as_object_mut().unwrap().remove("kept_offline").unwrap();
    std::fs::write(telephone.kept_at(), serde_json::to_vec(&kept).unwrap()).unwrap();
    let telephone = telephone.again();
    telephone.unlock().unwrap();
    assert!(telephone.code(NOW_MS).is_ok());
}

#[test]
fn a_lock_between_nonce_and_prompt_asks_nobody_and_one_after_it_keeps_nothing() {
    let telephone = telephone();
    telephone.chip.answer(Answers::BreaksOff);
    telephone.unlock().unwrap();
    telephone.chip.answer(Answers::Nods);
    telephone.chip.prompts();
    let signature = telephone.app.signature(&telephone.id).unwrap();
    telephone.service().mood = Mood::Hangs;
    std::thread::scope(|scope| {
        let fetching = scope.spawn(|| signature.lock().unwrap().fetch_offline(None));
        until(|| telephone.service().hanging == ["POST share/nonce"]);
        telephone.app.lock();
        telephone.service().mood = Mood::Fair;
        assert_eq!(fetching.join().unwrap().unwrap_err(), AppError::Locked);
    });
    assert!(telephone.chip.prompts().is_empty() && telephone.secret().is_none());
    // The person has nodded, and leaves before the service answers.
    telephone.chip.answer(Answers::BreaksOff);
    telephone.unlock().unwrap();
    telephone.chip.answer(Answers::Nods);
    telephone.service().hanging.clear();
    let service = Arc::clone(&telephone.peer.service);
    *telephone.chip.meanwhile.lock().unwrap() = Some(Box::new(move || service.lock().unwrap().mood = Mood::Hangs));
    std::thread::scope(|scope| {
        let fetching = scope.spawn(|| signature.lock().unwrap().fetch_offline(None));
        until(|| telephone.service().hanging == ["POST offline"]);
        telephone.app.lock();
        telephone.service().mood = Mood::Fair;
        assert_eq!(fetching.join().unwrap().unwrap_err(), AppError::Locked);
    });
    assert!(!telephone.kept().offline && telephone.kept().kept_offline.is_none());
    let lost = telephone.secret().unwrap();
    // Nothing is lost by it: another one is fetched.
    telephone.unlock().unwrap();
    assert!(!telephone.secret().unwrap().is(&lost) && telephone.code(NOW_MS).is_ok());
}

#[test]
fn who_breaks_off_at_the_agreement_is_not_told_of_another_service_and_may_approve_later() {
    let telephone = telephone();
    telephone.unlock().unwrap();
    let secret = Secret::new([9; 32]);
    let id = telephone.service().ask("42", Some(&secret));
    let signature = telephone.app.signature(&telephone.id).unwrap();
    let shown = signature.lock().unwrap().request(id).unwrap().shown;
    for (answers, told) in [(Answers::BreaksOffAgreeing, AppError::Locked), (Answers::Gone, AppError::Gone)] {
        telephone.chip.answer(answers);
        assert_eq!(signature.lock().unwrap().decide(id, &shown, &approve("42")).unwrap_err(), told);
    }
    assert!(telephone.service().sent.is_empty());
    telephone.chip.answer(Answers::Nods);
    assert_eq!(signature.lock().unwrap().decide(id, &shown, &approve("42")).unwrap(), Decided::Taken);
    assert!(telephone.service().decisions[0].1.as_ref().unwrap().is(&secret));
}

#[test]
fn a_pairing_that_breaks_off_after_its_keys_were_made_leaves_none_behind() {
    let (peer, folder, chip) = (Peer::start(), tempfile::tempdir().unwrap(), chip());
    let app = App::open(folder.path(), rest(&chip)).unwrap();
    let left = || (chip.pairs.lock().unwrap().len(), std::fs::read_dir(folder.path().join("phones")).unwrap().count());
    let begin = || {
        let invitation = peer.service.lock().unwrap().invite();
        app.begin(&typed(&invitation, &peer)).unwrap();
    };
    // At the claim's signature, at the agreement, and because the service is away.
    for (answers, told) in [(Answers::BreaksOff, AppError::Locked), (Answers::BreaksOffAgreeing, AppError::Locked)] {
        begin();
        chip.answer(answers);
        assert_eq!(app.claim("Annes telefon", None).unwrap_err(), told);
        assert_eq!(left(), (0, 0));
    }
    chip.answer(Answers::Nods);
    begin();
    peer.service.lock().unwrap().mood = Mood::Away;
    assert_eq!(app.claim("Annes telefon", None).unwrap_err(), AppError::NoConnection);
    assert_eq!(left(), (0, 0));
    // Once the network is there again, the same pairing goes on with new keys.
    peer.service.lock().unwrap().mood = Mood::Fair;
    app.claim("Annes telefon", None).unwrap();
    assert_eq!(left(), (1, 1));
}

#[test]
fn keys_of_a_pairing_that_a_killed_program_left_are_destroyed_at_the_next_start_that_can() {
    let (peer, folder, chip) = (Peer::start(), tempfile::tempdir().unwrap(), chip());
    let open = || App::open(folder.path(), rest(&chip)).unwrap();
    let left = || (chip.pairs.lock().unwrap().len(), std::fs::read_dir(folder.path().join("phones")).unwrap().count());
    let app = open();
    let begin = |app: &App| {
        let invitation = peer.service.lock().unwrap().invite();
        app.begin(&typed(&invitation, &peer)).unwrap();
    };
    begin(&app);
    app.claim("Annes telefon", None).unwrap();
    drop(app);
    // The system does not answer: the folder stays, and says what is still to be destroyed.
    chip.keeps.store(true, Ordering::SeqCst);
    let app = open();
    assert!(app.view().unwrap().signatures.is_empty());
    begin(&app);
    // Another claim waits until the clearing is over, and cannot clear its own way either.
    assert_eq!(app.claim("Annes telefon", None).unwrap_err(), AppError::NoHardware);
    drop(app);
    assert_eq!(left().0, 1);
    chip.keeps.store(false, Ordering::SeqCst);
    let app = open();
    until(|| left() == (0, 0));
    assert!(app.view().unwrap().signatures.is_empty());
}
