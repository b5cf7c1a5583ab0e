/* Keys, search while typing, and parts of a page swapped within its frame. Every page works without this file. */
(function () {
  "use strict";
  var busy = false, waiting = [], find = 0, lock = 0;
  function one(what, within) { return (within || document).querySelector(what); }
  function all(what, within) { return Array.prototype.slice.call((within || document).querySelectorAll(what)); }

  /* What was asked has come: only what differs from frame to frame is replaced. */
  function show(text) {
    var next = new DOMParser().parseFromString(text, "text/html");
    ["title", "header.top", "nav.tabs", "main", "footer.keys"].forEach(function (what) {
      var from = one(what, next), to = one(what);
      if (from && to) to.replaceWith(from);
    });
    settle();
  }
  function settle() {
    var at = one("[aria-invalid=true]") || one("[autofocus]") || one("main");
    if (at && at.tagName === "MAIN") { at.focus({ preventScroll: true }); scrollTo(0, 0); }
    else if (at) { at.focus(); if (at.select && at.value) at.select(); }
    var print = one("[data-print]");
    if (print) {
      sheet(print.getAttribute("data-print"));
      waiting = waiting.filter(function (next) { return next.key !== "F9" && next.key !== "Ctrl+Enter"; });
    }
    rest();
  }
  function sheet(address) {
    var frame = document.createElement("iframe");
    frame.className = "sheet"; frame.title = "print"; frame.tabIndex = -1; frame.setAttribute("aria-hidden", "true"); frame.src = address;
    frame.onload = function () { frame.contentWindow.print(); };
    all("iframe.sheet").forEach(function (old) { old.remove(); });
    document.body.appendChild(frame);
  }

  /* One request an action. What is typed meanwhile is kept, and typed when the answer is there. */
  function ask(address, options, keep, then) {
    if (busy) return;
    busy = true;
    var said = one(".busy"), late = setTimeout(function () { if (said) said.textContent = options.wait || "…"; }, 250);
    options.headers = { "x-part": "1" };
    options.credentials = "same-origin";
    fetch(address, options).then(function (answer) {
      var type = answer.headers.get("content-type") || "", place = answer.headers.get("x-place");
      if (type.indexOf("text/html") !== 0) { location.assign(place || address); return null; }
      return answer.text().then(function (text) {
        if (!keep) history.pushState(null, "", place || answer.url); else if (place) history.replaceState(null, "", place);
        done(late); show(text); if (then) then(); replay();
      });
    }).catch(function () {
      done(late);
      waiting = [];
      if (said) said.textContent = document.documentElement.lang === "en" ?
        "no answer from the server; look again with F5 before repeating anything" : "服务器没有应答,请先按 F5 查看,不要重复操作";
    });
  }
  function done(late) { busy = false; clearTimeout(late); var said = one(".busy"); if (said) said.textContent = ""; }

  function send(form, button) {
    var data = new URLSearchParams(new FormData(form));
    if (button && button.name) data.append(button.name, button.value);
    /* What stands in another form and belongs to what is done here, too. */
    var also = form.getAttribute("data-with"), beside = also && one("[name=" + also + "]");
    if (beside && beside.value) data.append(also, beside.value);
    var action = (button && button.getAttribute("formaction")) || form.getAttribute("action") || location.pathname;
    if ((form.getAttribute("method") || "get").toLowerCase() === "get") ask(action + "?" + data, {});
    else ask(action, { method: "POST", body: data, wait: form.getAttribute("data-wait") }, true);
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.submitter && event.submitter.hasAttribute("formtarget")) return;
    if (form.hasAttribute("data-whole") || form.enctype === "multipart/form-data") return;
    event.preventDefault();
    send(form, event.submitter);
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href^='/']");
    if (!link || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("data-whole") || link.hasAttribute("download")) return;
    event.preventDefault();
    ask(link.getAttribute("href"), {});
  });
  window.addEventListener("popstate", function () { ask(location.pathname + location.search, {}, true); });

  /* What is typed is shown beside it, a moment later. */
  var soon = 0;
  document.addEventListener("input", function (event) {
    var form = event.target.form, live = form && form.getAttribute("data-live");
    if (!live) return;
    clearTimeout(soon);
    soon = setTimeout(function () { form.requestSubmit(document.getElementById(live)); }, 250);
  });

  /* Candidates under a field, while it is typed in. */
  function list(field) { return document.getElementById(field.id + "-list"); }
  function close(field) {
    var old = list(field);
    if (old) old.remove();
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }
  function sought(field) { return field.value.split(/[*×]/)[0].trim(); }
  function look(field) {
    var typed = sought(field), turn = ++find;
    if (!typed) return close(field);
    setTimeout(function () {
      if (turn !== find || busy) return;
      var address = field.getAttribute("data-find");
      fetch(address + (address.indexOf("?") < 0 ? "?" : "&") + "q=" + encodeURIComponent(typed), { credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.text() : ""; })
        .then(function (text) { if (turn === find && !busy && document.activeElement === field) open(field, text, typed); });
    }, 40);
  }
  function open(field, text, typed) {
    close(field);
    if (!text) return;
    var box = document.createElement("div");
    box.className = "pick"; box.setAttribute("data-for", typed); box.id = field.id + "-list"; box.innerHTML = text;
    field.parentNode.appendChild(box);
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", box.id);
    mark(field, 0);
  }
  /* Candidates of what is typed now: an older list offers nothing. */
  function rows(field) { var box = list(field); return box && box.getAttribute("data-for") === sought(field) ? all("[data-pick]", box) : []; }
  function marked(field) { return rows(field).filter(function (row) { return row.getAttribute("aria-selected") === "true"; })[0]; }
  function mark(field, at) {
    rows(field).forEach(function (row, n) {
      row.id = row.id || field.id + "-" + n;
      row.setAttribute("aria-selected", n === at ? "true" : "false");
      if (n === at) row.scrollIntoView({ block: "nearest" });
      if (n === at) field.setAttribute("aria-activedescendant", row.id);
    });
  }
  function pick(field) { return field.form && one("[name=" + field.name + "_pick]", field.form); }
  function take(field, row) {
    var hidden = pick(field);
    if (hidden && row) hidden.value = row.getAttribute("data-pick");
    close(field);
    /* In a form that is walked through, a choice is one field of several. */
    if (field.form.hasAttribute("data-walk")) {
      if (row) field.value = row.getAttribute("data-name") || field.value;
      if (step(field, 1)) return;
    }
    send(field.form);
  }
  document.addEventListener("input", function (event) {
    var field = event.target;
    if (field.hasAttribute("data-find")) { if (pick(field)) pick(field).value = ""; look(field); }
    if (field.hasAttribute("data-due")) change(field);
  });
  document.addEventListener("focusout", function (event) { if (list(event.target)) close(event.target); });
  document.addEventListener("mousedown", function (event) {
    var row = event.target.closest && event.target.closest("[data-pick]");
    if (row) { event.preventDefault(); var box = row.closest(".pick"); take(document.getElementById(box.id.replace(/-list$/, "")), row); }
  });

  /* Change at the till, in whole fen. */
  function fen(text) {
    var m = /^(\d{1,9})(?:\.(\d{0,2}))?$/.exec(text.replace(/,/g, "").trim());
    return m ? parseInt(m[1], 10) * 100 + parseInt(((m[2] || "") + "00").slice(0, 2), 10) : null;
  }
  function change(field) {
    var given = fen(field.value), due = fen(field.getAttribute("data-due")), to = one("[data-change]");
    if (!to || due === null) return;
    var rest = given === null ? 0 : given - due;
    to.textContent = (rest < 0 ? "-" : "") + Math.floor(Math.abs(rest) / 100) + "." + ("0" + Math.abs(rest) % 100).slice(-2);
  }

  function name(event) {
    return (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
  }
  /* Whether the key was one of ours. */
  function press(key, field) {
    var candidates = field && field.hasAttribute && field.hasAttribute("data-find") ? rows(field) : [];
    if (candidates.length) {
      var at = candidates.indexOf(marked(field));
      if (key === "ArrowDown" || key === "ArrowUp") { mark(field, (at + (key === "ArrowDown" ? 1 : candidates.length - 1)) % candidates.length); return true; }
      if (key === "Enter") { take(field, field.value.trim() ? marked(field) : null); return true; }
      if (key === "Escape") { close(field); return true; }
      if (/^[1-9]$/.test(key) && /^([^\d*×]{2,}|[^\x00-\x7f])$/.test(field.value) && candidates[key - 1]) { take(field, candidates[key - 1]); return true; }
    }
    if (key === "Ctrl+Enter") key = "F9";
    if (key.length === 1 && !candidates.length) key = key.toLowerCase();
    if (key === "+" && field && field.hasAttribute && field.hasAttribute("data-plus")) key = "F8";
    /* What is typed and not entered yet goes first: nothing is settled without it. */
    var typed = key === "F9" && one("[data-first]");
    if (typed && typed.value.trim()) { take(typed, marked(typed)); return true; }
    var named = all("[data-key]").filter(function (e) { return e.getAttribute("data-key") === key; })[0];
    if (named) { named.click(); return true; }
    if (key === "Enter" && field && field.form && field.type !== "submit" && field.tagName !== "BUTTON") return enter(field);
    if (key === "Shift+Enter" && field && field.form) { step(field, -1); return true; }
    if ((key === "ArrowDown" || key === "ArrowUp") && one("[data-rows]") && (!field || field.tagName !== "SELECT")) return cursor(key === "ArrowDown" ? 1 : -1);
    return false;
  }
  /* In a form that is walked through, Enter goes on; in its last field, and in any other form, it sends. */
  function enter(field) {
    if (field.tagName === "TEXTAREA") return false;
    if (field.form.hasAttribute("data-walk") && step(field, 1)) return true;
    send(field.form);
    return true;
  }
  function step(field, by) {
    var fields = all("input:not([type=hidden]):not([readonly]), select, textarea", field.form).filter(function (f) { return !f.disabled; });
    var next = fields[fields.indexOf(field) + by];
    if (next) { next.focus(); if (next.select) next.select(); }
    return !!next;
  }
  /* The cursor row of a list. */
  function cursor(by) {
    var lines = all("[data-rows] a[data-row]"), at = lines.indexOf(document.activeElement);
    var next = lines[at < 0 ? (by > 0 ? 0 : lines.length - 1) : at + by];
    if (next) next.focus();
    return !!next;
  }
  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.key === "Process") return;
    rest();
    if (busy) {
      if (/^(Control|Shift|Alt|Meta|F5|Tab)$/.test(event.key)) return;
      event.preventDefault();
      waiting.push({ key: name(event), text: !event.ctrlKey && !event.altKey && event.key.length === 1 ? event.key : "" });
      return;
    }
    if (press(name(event), event.target)) event.preventDefault();
  });
  function replay() {
    while (waiting.length && !busy) {
      var next = waiting.shift(), field = document.activeElement;
      if (press(next.key, field)) continue;
      if (next.text && field && field.setRangeText) {
        field.setRangeText(next.text, field.selectionStart, field.selectionEnd, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
      } else if (next.key === "Backspace" && field && field.setRangeText) {
        field.setRangeText("", Math.max(0, field.selectionStart - 1), field.selectionEnd, "end");
      }
    }
  }

  /* A screen nobody works at is locked; what is on it stays on the server. */
  function rest() {
    var ms = parseInt(document.body.getAttribute("data-lock") || "0", 10);
    clearTimeout(lock);
    if (ms) lock = setTimeout(function () { location.reload(); }, ms + 1000);
  }
  /* What was typed, and where the cursor was put, stays: it goes back to what has the same place and the same words. */
  function kept() {
    var what = "main a,main button,main input,main select,footer.keys a,footer.keys button";
    var at = document.activeElement, n = all(what).indexOf(at), words = at && at.textContent, typed = at && at.value;
    return n < 0 ? null : function () {
      var back = all(what)[n];
      if (!back || back.textContent !== words) return;
      if (back.tagName === "INPUT" && back.type !== "checkbox") back.value = typed;
      back.focus();
    };
  }
  /* Pages that wait for something look again by themselves. */
  setInterval(function () {
    var again = one("[data-again]");
    if (again && !busy) ask(again.getAttribute("data-again"), {}, true, kept());
  }, 2000);
  settle();
})();
