//! What the screens may call: one line each. Everything that waits runs beside the window's thread.

use std::sync::Arc;

use keycard::ApprovalId;
use keycard::pin::Pin;
use keycard::wire::{Decided, History};
use tauri::State;
use zeroize::Zeroizing;

use crate::app::{App, Language, Settings, View, held};
use crate::error::AppError;
use crate::given::Given;
use crate::life::OfflineView;
use crate::pair::{OfferView, Standing, Typed};
use crate::phones::PhoneView;
use crate::requests::{Choice, RequestView};
use crate::signature::{Forgotten, Signature};
use crate::wake::{WakesView, Waking};

type Held<'a> = State<'a, Arc<App>>;

/// Runs what may wait.
async fn beside<T: Send + 'static>(app: &Held<'_>, work: impl FnOnce(&App) -> Result<T, AppError> + Send + 'static) -> Result<T, AppError> {
    let app = Arc::clone(app);
    tauri::async_runtime::spawn_blocking(move || work(&app)).await.map_err(|_| AppError::Storage)?
}

async fn with<T: Send + 'static>(
    app: &Held<'_>,
    signature: String,
    work: impl FnOnce(&mut Signature) -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    beside(app, move |app| work(&mut held(&*app.signature(&signature)?))).await
}

fn pin(typed: String) -> Result<Pin, AppError> {
    Ok(Pin::parse(&Zeroizing::new(typed))?)
}

/// A PIN that exists: one that nobody could have chosen is just wrong, and costs no try.
fn own_pin(typed: String) -> Result<Pin, AppError> {
    pin(typed).map_err(|error| if matches!(error, AppError::PinSimple) { AppError::WrongPin { tries_left: None } } else { error })
}

fn approval(id: &str) -> Result<ApprovalId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}

/// The pairings and the settings.
#[tauri::command]
pub(crate) async fn look(app: Held<'_>) -> Result<View, AppError> {
    beside(&app, App::view).await
}

/// Sets language, colours, and whether services may wake this phone.
#[tauri::command]
pub(crate) async fn set(app: Held<'_>, settings: Settings) -> Result<(), AppError> {
    beside(&app, move |app| app.set(settings)).await
}

/// The language that the screens are in.
#[tauri::command]
pub(crate) fn speak(app: Held<'_>, language: Language) {
    app.speak(language);
}

/// How each service wakes this phone, if it does.
#[tauri::command]
pub(crate) fn wakes(waking: State<'_, Arc<Waking>>) -> WakesView {
    waking.view()
}

/// Begins a pairing.
#[tauri::command]
pub(crate) async fn pair_begin(app: Held<'_>, typed: Typed) -> Result<OfferView, AppError> {
    beside(&app, move |app| app.begin(&typed)).await
}

/// Makes the keys; gives the six digits.
#[tauri::command]
pub(crate) async fn pair_claim(app: Held<'_>, name: String, pin: Option<String>) -> Result<String, AppError> {
    let pin = pin.map(self::pin).transpose()?;
    beside(&app, move |app| app.claim(&name, pin.as_ref())).await
}

/// Whether the page has confirmed.
#[tauri::command]
pub(crate) async fn pair_standing(app: Held<'_>) -> Result<Standing, AppError> {
    beside(&app, App::standing).await
}

/// What was handed over on the command line to be paired with, once.
#[tauri::command]
pub(crate) fn pair_given(given: State<'_, Given>) -> Option<Typed> {
    given.take()
}

/// Gives the pairing up.
#[tauri::command]
pub(crate) async fn pair_give_up(app: Held<'_>) -> Result<(), AppError> {
    beside(&app, App::give_up).await
}

/// Opens the keys of a pairing.
#[tauri::command]
pub(crate) async fn unlock(app: Held<'_>, signature: String, pin: Option<String>) -> Result<(), AppError> {
    // Before anything is waited for: a lock that comes later counts.
    let asked = app.turn();
    let pin = pin.map(own_pin).transpose()?;
    app.touch();
    with(&app, signature, move |signature| signature.unlock(asked, pin.as_ref())).await
}

/// Locks everything. It waits for nothing, so it runs where it is called.
#[tauri::command]
pub(crate) fn lock(app: Held<'_>) {
    app.lock();
}

/// The person is there.
#[tauri::command]
pub(crate) fn touch(app: Held<'_>) {
    app.touch();
}

/// What waits for a pairing.
#[tauri::command]
pub(crate) async fn waiting(app: Held<'_>, signature: String) -> Result<Vec<RequestView>, AppError> {
    with(&app, signature, Signature::waiting).await
}

/// Asks for more time.
#[tauri::command]
pub(crate) async fn extend(app: Held<'_>, signature: String, id: String) -> Result<RequestView, AppError> {
    let id = approval(&id)?;
    with(&app, signature, move |signature| signature.extend(id)).await
}

/// Decides about what is shown.
#[tauri::command]
pub(crate) async fn decide(app: Held<'_>, signature: String, id: String, shown: String, choice: Choice) -> Result<Decided, AppError> {
    let id = approval(&id)?;
    with(&app, signature, move |signature| signature.decide(id, &shown, &choice)).await
}

/// The code for where no network reaches.
#[tauri::command]
pub(crate) async fn offline_code(app: Held<'_>, signature: String, pin: Option<String>) -> Result<OfflineView, AppError> {
    let pin = pin.map(own_pin).transpose()?;
    with(&app, signature, move |signature| signature.offline_code(pin.as_ref(), wall_ms)).await
}

/// A page of what was.
#[tauri::command]
pub(crate) async fn history(app: Held<'_>, signature: String, after: Option<String>) -> Result<History, AppError> {
    let after = after.as_deref().map(approval).transpose()?;
    with(&app, signature, move |signature| signature.history(after)).await
}

/// The person's phones.
#[tauri::command]
pub(crate) async fn phones(app: Held<'_>, signature: String) -> Result<Vec<PhoneView>, AppError> {
    with(&app, signature, Signature::phones).await
}

/// The person has seen these phones.
#[tauri::command]
pub(crate) async fn phones_seen(app: Held<'_>, signature: String, ids: Vec<String>) -> Result<(), AppError> {
    with(&app, signature, move |signature| signature.phones_seen(&ids)).await
}

/// Blocks another phone.
#[tauri::command]
pub(crate) async fn block_phone(app: Held<'_>, signature: String, phone: String) -> Result<(), AppError> {
    with(&app, signature, move |signature| signature.block(&phone)).await
}

/// Gives the phone another name.
#[tauri::command]
pub(crate) async fn rename(app: Held<'_>, signature: String, name: String) -> Result<(), AppError> {
    with(&app, signature, move |signature| signature.rename(&name)).await
}

/// Sets another PIN.
#[tauri::command]
pub(crate) async fn change_pin(app: Held<'_>, signature: String, old: String, new: String) -> Result<(), AppError> {
    let asked = app.turn();
    let (old, new) = (own_pin(old)?, pin(new)?);
    with(&app, signature, move |signature| signature.change_pin(asked, &old, new)).await
}

/// Destroys a pairing on this phone; says whether the service knows.
#[tauri::command]
pub(crate) async fn forget(app: Held<'_>, signature: String) -> Result<Forgotten, AppError> {
    beside(&app, move |app| app.forget(&signature)).await
}

#[expect(clippy::disallowed_methods, reason = "offline, nobody else can be asked for the time")]
fn wall_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
