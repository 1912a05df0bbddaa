// Small helps only: every page works without them.
"use strict";

const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const one = (selector, inside = document) => inside.querySelector(selector);

// What only works with a script is hidden until there is one.
all("[data-script]").forEach((each) => { each.hidden = false; });
all("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// A question that hangs on another one is shown as soon as that one is answered.
function answersTo(form, name) {
  return all(`[name="${CSS.escape(name)}"]`, form)
    .filter((each) => !each.disabled && !each.closest("fieldset[disabled]"))
    .filter((each) => (each.type === "radio" || each.type === "checkbox" ? each.checked : each.value))
    .map((each) => each.value);
}

function showQuestions(form) {
  all("[data-shown-by]", form).forEach((question) => {
    // Where the other one stands on an earlier page, the server has decided.
    if (!one(`[name="${CSS.escape(question.dataset.shownBy)}"]`, form)) return;
    const wanted = question.dataset.shownFor.split("|");
    const shown = answersTo(form, question.dataset.shownBy).some((each) => wanted.includes(each));
    question.hidden = !shown;
    question.disabled = !shown;
  });
}

// What is typed is kept on the server while somebody types: never here. An answer at the gate is not sent along.
function keepTyping(form) {
  let waiting = 0;
  let leaving = false;
  const keep = () => {
    if (leaving) return;
    const said = new FormData(form);
    said.delete("gate");
    said.set("do", "keep");
    fetch(form.action, { method: "POST", body: new URLSearchParams(said), credentials: "same-origin" }).catch(() => {});
  };
  form.addEventListener("input", (event) => {
    if (event.target.name === "gate") return;
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1500);
  });
  form.addEventListener("submit", () => { leaving = true; clearTimeout(waiting); });
  all(".clear").forEach((other) => other.addEventListener("submit", () => { leaving = true; clearTimeout(waiting); }));
}

all("form[data-keep]").forEach((form) => {
  showQuestions(form);
  form.addEventListener("change", () => showQuestions(form));
  keepTyping(form);
});

const carriesFiles = (data) => Boolean(data) && [...data.types].includes("Files");

// Before the gate is answered no file is taken, however it comes; nor does the browser open it instead.
function turnFilesAway(words) {
  const say = () => {
    words.textContent = words.dataset.unasked;
    words.scrollIntoView({ block: "center" });
  };
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event.dataTransfer)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    say();
  });
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length || carriesText(event.clipboardData)) return;
    event.preventDefault();
    say();
  });
}

// A table from a spreadsheet brings a picture of itself along: it is text that somebody pastes.
const carriesText = (data) => [...data.types].includes("text/plain");

// On the page with that question it stands beside it, on every other one at its head.
const words = all("[data-unasked]").at(-1);
if (words && !one("[data-drop]")) turnFilesAway(words);

// Files: chosen, dropped or pasted, each listed with a button that takes it back.
function takeFiles(area) {
  const input = one("input[type=file]", area);
  const list = one("[data-chosen]", area);
  const fault = one("[data-drop-fault]", area);
  const most = Number(area.dataset.most);
  const largest = Number(area.dataset.maxMb) * 1000000;
  const together = Number(area.dataset.togetherMb) * 1000000;
  let chosen = [];

  function put() {
    const data = new DataTransfer();
    chosen.forEach((file) => data.items.add(file));
    input.files = data.files;
    list.replaceChildren(...chosen.map((file, at) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const button = document.createElement("button");
      name.textContent = `${file.name} (${Math.max(1, Math.round(file.size / 1000)).toLocaleString("en-GB")} KB)`;
      button.type = "button";
      button.className = "quiet";
      button.textContent = "Take back";
      button.setAttribute("aria-label", `Take back ${file.name}`);
      button.addEventListener("click", () => { chosen.splice(at, 1); fault.textContent = ""; put(); input.focus(); });
      row.append(name, button);
      return row;
    }));
  }

  function add(files) {
    const refused = [];
    fault.textContent = "";
    files.forEach((file) => {
      const twice = chosen.some((each) => each.name === file.name && each.size === file.size
        && each.lastModified === file.lastModified);
      if (twice) return;
      if (file.size > largest) refused.push(`${file.name} is larger than ${area.dataset.maxMb} MB.`);
      else if (chosen.length >= most) refused.push(`${file.name} is one too many: at most ${most} files.`);
      else if (chosen.reduce((sum, each) => sum + each.size, file.size) > together) {
        refused.push(`With ${file.name} it is more than ${area.dataset.togetherMb} MB, the most that goes at once: send it after the others.`);
      } else chosen.push(file);
    });
    fault.textContent = refused.join(" ");
    put();
  }

  const taken = (file, at) => new File([file], file.name && file.name !== "image.png" ? file.name
    : `pasted-${chosen.length + at + 1}.png`, { type: file.type, lastModified: file.lastModified });

  input.addEventListener("change", () => add([...input.files]));
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    area.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) area.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    area.classList.remove("over");
    add([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length || carriesText(event.clipboardData)) return;
    event.preventDefault();
    add(files.map(taken));
  });
}

all("[data-drop]").forEach(takeFiles);

// Put what the server says now in its place, and leave the files as they are chosen.
function redraw(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  all("[data-no-script]", page).forEach((each) => each.remove());
  const form = one("form[data-send]", page);
  if (!form) { sayAll(page); return; }
  ["again", "hearers"].forEach((id) => {
    const old = document.getElementById(id);
    const now = page.getElementById(id);
    if (old && now) old.replaceWith(document.adoptNode(now));
  });
  // Where the control for files is gone, it is gone here too.
  if (one("[data-drop]") && !one("[data-drop]", page)) { window.location.reload(); return; }
  const first = one("#again .card");
  if (first) { first.tabIndex = -1; first.focus(); first.scrollIntoView({ block: "center" }); }
}

// Another page came instead, such as that of signing in again: what it says stands above the form, which stays.
function sayAll(page) {
  const card = one("main .card", page);
  if (!card) { say("That could not be done. Load this page again."); return; }
  const fresh = one("input[name=csrf]", page);
  all("form", card).forEach((each) => each.remove());
  all("[data-leads-away]", card).forEach((each) => each.remove());
  all("[data-stay]", card).forEach((each) => { each.hidden = false; });
  if (fresh && fresh.value) all("input[name=csrf]").forEach((each) => { each.value = fresh.value; });
  card.setAttribute("role", "alert");
  one("#again").replaceChildren(document.adoptNode(card));
  card.tabIndex = -1;
  card.focus();
  card.scrollIntoView({ block: "center" });
}

function say(words) {
  const card = document.createElement("div");
  const line = document.createElement("p");
  card.className = "card alert";
  card.setAttribute("role", "alert");
  line.textContent = words;
  card.append(line);
  one("#again").replaceChildren(card);
  card.scrollIntoView({ block: "center" });
}

// Sending with a bar that shows how far the upload is; who hears of it is shown anew at each tick.
function sendWithProgress(form) {
  const bar = one("[data-progress]", form);
  const words = one("[data-progress-words]", form);
  let sending = false;

  const busy = (is) => {
    sending = is;
    all("button[type=submit]", form).forEach((each) => { each.disabled = is; });
    if (bar) bar.hidden = !is;
    if (words && !is) words.textContent = "";
  };

  function post(body, done) {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (event) => {
      if (!bar || !sending || !event.lengthComputable) return;
      const share = Math.round((100 * event.loaded) / event.total);
      bar.value = share;
      words.textContent = share < 100 ? `${share} % sent` : "Sent. It is being stored …";
    });
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", () => {
      busy(false);
      say("That did not arrive. Check the connection and press Send again: it is stored once, however often you send it.");
    });
    request.send(body);
  }

  form.addEventListener("submit", (event) => {
    const files = one("input[type=file]", form);
    const asked = event.submitter ? event.submitter.value : "";
    if (sending) { event.preventDefault(); return; }
    if (!files || !files.files.length) return;
    event.preventDefault();
    const body = new FormData(form);
    if (event.submitter && event.submitter.name) body.set(event.submitter.name, asked);
    if (asked === "show") body.delete("files");
    busy(true);
    post(body, (request) => {
      if (new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
        window.location.assign(request.responseURL);
        return;
      }
      busy(false);
      redraw(request.responseText);
    });
  });

  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-hears]") || sending) return;
    const body = new FormData(form);
    const [name, value] = [event.target.name, event.target.value];
    body.delete("files");
    body.set("do", "show");
    post(body, (request) => {
      if (request.status !== 200) return;
      redraw(request.responseText);
      const again = one(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`, form);
      if (again) again.focus();
    });
  });
}

all("form[data-send]").forEach(sendWithProgress);
