// What an IMEI looks like while it is typed; the server has the last word.
(() => {
  "use strict";

  const LENGTH = 15;
  const LABEL = /^imei(\s*\/\s*meid|\s*number|1)?\s*[:#=]\s*/i;
  const SEPARATORS = /[\s\-/._]/g;

  // The digit that follows 14 others: from the right every second one counts double (Luhn).
  const checkDigit = (body) => {
    const sum = [...body].reduce((total, digit, place) => {
      const value = Number(digit) * (place % 2 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    return String((10 - (sum % 10)) % 10);
  };

  // {kind, digits, expected}: kind is empty, short, valid, wrong, long or letters.
  const read = (text) => {
    const digits = text.trim().replace(LABEL, "").replace(SEPARATORS, "");
    if (digits === "") return { kind: "empty", digits };
    if (!/^[0-9]+$/.test(digits)) return { kind: "letters", digits };
    if (digits.length !== LENGTH) return { kind: digits.length < LENGTH ? "short" : "long", digits };
    const expected = checkDigit(digits.slice(0, -1));
    return { kind: digits.endsWith(expected) ? "valid" : "wrong", digits, expected };
  };

  window.Imei = { LENGTH, checkDigit, read };
})();
