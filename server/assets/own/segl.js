// Improvements only: every page works without this file.

/** Moves the focus to the summary of errors, so that it is read first; each error there begins with the label of its field. */
function focusErrors() {
  const summary = document.getElementById("error-summary");
  if (!summary) return;
  for (const link of summary.querySelectorAll("a[href^='#']")) {
    const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const label = field?.querySelector("legend") ?? field?.labels?.[0];
    const words = label?.firstChild.textContent.trim();
    if (words) link.prepend(/[?!.]$/.test(words) ? `${words} ` : `${words}: `);
  }
  summary.focus();
}

/** A form is sent once: the second press of its button within ten seconds is held back. */
function holdSecondPress() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 10000);
  });
  // Back in the history, the page comes as it was left.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
}

/** A file can be dropped on the field's whole area. */
function acceptDrops() {
  for (const area of document.querySelectorAll("[data-drop]")) {
    const input = area.querySelector("input[type=file]");
    const mark = (event) => {
      event.preventDefault();
      area.classList.add("segl-dropping");
    };
    area.addEventListener("dragenter", mark);
    area.addEventListener("dragover", mark);
    area.addEventListener("dragleave", () => area.classList.remove("segl-dropping"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      area.classList.remove("segl-dropping");
      if (event.dataTransfer.files.length === 1) input.files = event.dataTransfer.files;
    });
  }
}

/** `<button type="button" hidden data-copy="id" data-copied="Copied">`: copies the text of an element, and says so. */
function offerCopies() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.copied;
    });
  }
}

/** `<button type="button" hidden data-print>`: prints the page. */
function offerPrints() {
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/** The page that waits for the phone: asks every second how it stands, and goes on by itself. */
function watchPhone() {
  const approved = document.querySelector("form[data-phone-approved]");
  if (approved) {
    approved.requestSubmit();
    return;
  }
  const place = document.querySelector("[data-phone-state]");
  if (!place) return;
  const until = place.querySelector("[data-phone-until]");
  const look = async () => {
    try {
      const answer = await fetch(place.dataset.phoneUrl ?? "/login/phone/state", { headers: { accept: "application/json" }, cache: "no-store" });
      const stands = answer.ok ? await answer.json() : null;
      if (!stands || stands.state !== place.dataset.phoneState) {
        location.reload();
        return;
      }
      if (until.textContent !== stands.until) until.textContent = stands.until;
    } catch {
      // The network is away for a moment: the next look tells.
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}

/** `<div data-progress-url="/..."><progress><p role="status"></div>`: says every other second how far it is, and opens the page again at the end. */
function watchProgress() {
  const place = document.querySelector("[data-progress-url]");
  if (!place) return;
  const [bar, words] = [place.querySelector("progress"), place.querySelector("[role=status]")];
  const look = async () => {
    try {
      const answer = await fetch(place.dataset.progressUrl, { headers: { accept: "application/json" }, cache: "no-store" });
      const stands = answer.ok ? await answer.json() : null;
      if (!stands || stands.state !== "running") {
        location.reload();
        return;
      }
      bar.value = stands.past;
      if (words.textContent !== stands.words) words.textContent = stands.words;
    } catch {
      // The network is away for a moment: the next look tells.
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
}

focusErrors();
holdSecondPress();
watchProgress();
watchPhone();
acceptDrops();
offerCopies();
offerPrints();
