// Scanner guns type. A scan is what they type into a field with `data-scan`; it ends at Enter, at Tab
// or when fast keys stop, and is sent with the field's form. Every page works without this file.
//
// Before the form is sent, the field gives out "scanning:scan" {text, end}; a page that has a use of
// its own for the text prevents its default.
(() => {
  "use strict";
  const Scanning = (window.Scanning = window.Scanning || {});

  const GS = "\u001d";
  const PAUSE = 80; // ms without a key that end a scan
  const FAST = 50; // ms between two keys: no finger is so quick for long
  const SHORTEST = 4; // fast keys that make a scan; fewer may be two fingers falling together

  const isBackground = (element) => element === null || element.matches("body, main");
  const isEditable = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file])");
  const isUnused = (element) => isBackground(element) || (isEditable(element) && element.value === "");
  const isPlainKey = (event) => event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;

  const scanField = () =>
    [...document.querySelectorAll("[data-scan]")].find((field) => !field.disabled && field.checkVisibility()) ?? null;
  const focusField = () => scanField()?.focus({ preventScroll: true });

  // Keys that came one fast after the other, into the field or, while a button has the focus, nowhere.
  let run = null;
  let timer = 0;

  const forget = () => {
    clearTimeout(timer);
    run = null;
  };

  const isFast = () => run !== null && run.isFast && run.count >= SHORTEST;

  const endAtPause = (field, take) => {
    clearTimeout(timer);
    if (isFast()) timer = setTimeout(() => (navigator.scheduling?.isInputPending?.() ? endAtPause(field, take) : take()), PAUSE);
  };

  const count = (event, begins) => {
    if (begins || run === null) run = { count: 1, isFast: begins, text: "", last: event.timeStamp };
    else {
      run.isFast &&= event.timeStamp - run.last <= FAST;
      run.count += 1;
      run.last = event.timeStamp;
    }
  };

  // Everything that is scanned goes this way: keys, camera, printed commands.
  const finish = (field, text, end) => {
    forget();
    if (!text.trim()) return;
    field.value = text;
    const detail = { text, end };
    const isOurs = field.dispatchEvent(new CustomEvent("scanning:scan", { bubbles: true, cancelable: true, detail }));
    if (!isOurs) field.value = "";
    else if (field.form) field.form.requestSubmit();
  };

  // What is selected gives way to the next key.
  const isBegun = (field) => field.value.length > field.selectionEnd - field.selectionStart;

  const insert = (field, text) => {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text, inputType: "insertText" }));
  };

  // GS comes as Ctrl+] or as Alt with 029 on the number pad.
  let altDigits = "";
  const isGroupSeparator = (event) => event.ctrlKey && !event.altKey && (event.key === "]" || event.key === GS);
  const isAltDigit = (event) => event.altKey && !event.ctrlKey && /^(Numpad|Digit)\d$/.test(event.code);

  const takeKeyOfField = (event, field) => {
    if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey && field.value.trim())) {
      event.preventDefault();
      finish(field, field.value, event.key);
    } else if (isGroupSeparator(event)) {
      event.preventDefault();
      count(event, false);
      insert(field, GS);
      endAtPause(field, () => finish(field, field.value, "pause"));
    } else if (isAltDigit(event)) {
      event.preventDefault();
      altDigits += event.code.slice(-1);
    } else if (isPlainKey(event)) {
      count(event, !isBegun(field));
      endAtPause(field, () => finish(field, field.value, "pause"));
    } else if (event.key === "Backspace" || event.key === "Delete") forget();
  };

  // The focus is on a button or a link: a person there does not type text, a scanner does.
  const takeKeyOfNobody = (event) => {
    const field = scanField();
    if (field === null) return;
    if (isPlainKey(event)) {
      const begins = run === null || event.timeStamp - run.last > FAST;
      count(event, begins);
      run.text += event.key;
      if (!begins) event.preventDefault();
      const { text } = run;
      endAtPause(field, () => finish(field, text, "pause"));
    } else if (event.key === "Enter" || event.key === "Tab") {
      if (!isFast() || event.timeStamp - run.last > FAST + PAUSE) return forget();
      event.preventDefault();
      finish(field, run.text, event.key);
    }
  };

  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.isComposing || !(target instanceof Element)) return;
    if (target.matches("[data-scan]")) takeKeyOfField(event, target);
    else if (isBackground(target) && isPlainKey(event) && scanField() !== null) {
      // The character itself follows the focus into the field.
      focusField();
      count(event, !isBegun(scanField()));
    } else if (!isBackground(target) && !isEditable(target)) takeKeyOfNobody(event);
  });

  document.addEventListener("keyup", (event) => {
    if (event.key !== "Alt" || altDigits === "") return;
    const isSeparator = Number(altDigits) === 29;
    altDigits = "";
    const field = document.activeElement;
    if (!isSeparator || !field?.matches("[data-scan]")) return;
    event.preventDefault();
    insert(field, GS);
    endAtPause(field, () => finish(field, field.value, "pause"));
  });

  // Where the system makes the character of Alt+029 by itself, it has been inserted already.
  document.addEventListener("beforeinput", (event) => {
    const field = event.target;
    if (event.data !== GS || !field.matches?.("[data-scan]")) return;
    if (field.value.slice(0, field.selectionStart).endsWith(GS)) event.preventDefault();
  });

  // A tap beside the field must not make the next scan vanish; a tap on another control is meant.
  document.addEventListener("focusout", (event) => {
    if (!event.target.matches?.("[data-scan]") || !isBackground(event.relatedTarget)) return;
    setTimeout(() => isBackground(document.activeElement) && focusField());
  });

  Object.assign(Scanning, { scanField, focusField, finish, isBackground, isUnused, GS });
})();
