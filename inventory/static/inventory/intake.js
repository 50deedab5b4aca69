// The intake page: what is in the field is judged while it comes, a wrong check digit is asked about
// before it is sent, and the on-screen keyboard stays away until it is wanted.
(() => {
  "use strict";
  const { Scanning, Imei } = window;

  const SAME = 1_500; // ms in which the same code is the same scan
  const SUFFIX = 300; // ms in which an Enter may still belong to the scanner

  const form = document.querySelector("form[data-intake]");
  if (form === null) return;
  const field = form.querySelector("[data-scan]");
  const live = form.querySelector("[data-imei-live]");

  const warning = (expected) => `Check digit is wrong, expected ${expected}`;
  const ADVICE = "Scan again, or press Enter to keep it";

  const wordsOf = ({ kind, digits, expected }) => {
    const count = `${digits.length}/${Imei.LENGTH}`;
    if (kind === "letters") return "An IMEI has digits only";
    if (kind === "wrong") return `${warning(expected)}. ${ADVICE}`;
    return kind === "valid" ? `${count} ✓` : count;
  };

  const show = () => {
    const reading = Imei.read(field.value);
    live.className = `imei-live ${reading.kind}`;
    const words = reading.kind === "empty" ? "15 digits" : wordsOf(reading);
    if (live.textContent !== words) live.textContent = words;
  };

  // The text whose check digit is being asked about, and since when.
  let held = null;
  let sent = { text: "", at: -Infinity };

  const hold = (text, expected) => {
    held = { text, at: performance.now() };
    field.value = text;
    field.select();
    show();
    Scanning.feedback.give("duplicate");
    Scanning.showBand("duplicate", warning(expected), { scanned: text, advice: `${ADVICE}.`, word: "Check" });
  };

  // Whether the form may be sent: nothing is that was just sent, or that must be asked about.
  const isMeant = (text) => {
    const now = performance.now();
    if (text === sent.text && now - sent.at < SAME) {
      field.value = "";
      return false;
    }
    const { kind, expected } = Imei.read(text);
    const isKept = held?.text === text;
    if (isKept && now - held.at < SUFFIX) return false;
    if (kind === "wrong" && !isKept) {
      hold(text, expected);
      return false;
    }
    [held, sent] = [null, { text, at: now }];
    form.elements.held.value = text;
    return true;
  };

  // Before the station takes it.
  document.addEventListener(
    "submit",
    (event) => {
      if (event.target !== form) return;
      const text = field.value.trim();
      if (text !== "" && !isMeant(text)) {
        event.preventDefault();
        event.stopPropagation();
      }
      setTimeout(show);
    },
    { capture: true },
  );

  // Whatever is scanned or typed anew has not been asked about yet.
  field.addEventListener("input", () => {
    held = null;
    show();
  });
  field.addEventListener("scanning:scan", ({ detail }) => {
    if (detail.end === "camera") held = null;
  });

  const type = form.querySelector("[data-type]");
  const setKeyboard = (isWanted) => {
    field.setAttribute("inputmode", isWanted ? "numeric" : "none");
    type.setAttribute("aria-pressed", String(isWanted));
    type.textContent = isWanted ? "Keyboard off" : "Type";
  };
  type.addEventListener("click", () => {
    setKeyboard(type.getAttribute("aria-pressed") === "false");
    // A field that has the focus already brings no keyboard.
    field.blur();
    field.focus({ preventScroll: true });
  });
  type.hidden = false;
  setKeyboard(false);
  if (field.value !== "") field.select();
  show();
})();
