"""What a person can do about an item that failed, by its code."""

CORRECT = "correct it and queue it again"

ADVICE = {
    "imei_missing": f"Find the IMEI of the phone, {CORRECT}.",
    "imei_not_numeric": f"Scan the IMEI again, {CORRECT}.",
    "imei_length": f"Digits are missing or too many: scan it again, {CORRECT}.",
    "imei_scientific": "A spreadsheet has rounded it. Format the column as text, export it again.",
    "imei_number_ambiguous": "It came as a number. Format the column as text, export it again.",
    "imei_multiple": f"Leave one IMEI in the field, the other one as imei2: {CORRECT}.",
    "imei_placeholder": f"Zeros are no IMEI: scan it, {CORRECT}.",
    "imei_check_digit": f"One digit is wrong: scan it again, {CORRECT}; or accept it as a warning.",
    "quantity_invalid": f"One IMEI is one unit: leave the quantity out, {CORRECT}.",
    "text_too_long": f"Shorten the text, {CORRECT}.",
    "wrong_type": f"Send a text or a number, {CORRECT}.",
    "unknown_warehouse": "Add the warehouse, or correct its name, then retry.",
    "unknown_location": "Add the place, or correct its name, then retry.",
    "schema_mismatch": "Look at the schema of the source, or at the program that sends, then retry.",
    "cancelled": "Somebody cancelled it. Retry it if that was a mistake.",
    "database_busy": "Retry: the database was busy for longer than the retries took.",
    "database_error": "The database refused it. Tell your administrator, then retry.",
    "worker_lost": "Its workers were lost each time. Look at the workers, then retry.",
    "internal_error": "Our mistake. Give the reference to your administrator, then retry.",
}


def advise(code: str | None) -> str:
    return ADVICE.get(code or "", "")
